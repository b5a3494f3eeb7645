//! What every provider of mailboxes promises, each against its own simulated service over real
//! sockets: one set of cases, run for each.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]

mod cases;
mod restoring;
mod tenant;

macro_rules! for_each_provider {
    ($name:ident: $file:ident: $($case:ident)*) => {
        mod $name {
            mod microsoft {
                $(#[tokio::test] async fn $case() {
                    crate::$file::$case(&crate::tenant::microsoft().await).await;
                })*
            }
            mod google {
                $(#[tokio::test] async fn $case() {
                    crate::$file::$case(&crate::tenant::google().await).await;
                })*
            }
        }
    };
}

for_each_provider! { finding_and_moving: cases:
    a_copy_that_is_put_back_is_as_it_was
    a_cut_connection_leaves_open_what_happened
    a_hard_deleted_item_is_out_of_reach
    a_lost_grant_is_told_and_comes_back
    a_malformed_answer_is_asked_again_and_a_malformed_change_is_open
    a_message_id_of_a_stranger_is_looked_up_as_written
    a_throttled_mailbox_is_left_alone_until_it_may_be_asked
    an_address_leads_to_its_mailbox
    an_item_is_told_as_it_is_compared
    an_item_that_is_gone_is_no_failure
    an_unclear_change_took_effect_or_did_not
    each_destination_is_where_the_item_is_then_seen
    every_item_with_one_id_is_found_wherever_it_lies
    many_items_are_found_page_by_page
    nobodys_mailbox_is_told_from_an_empty_one
    nowhere_is_no_destination
    the_same_order_twice_is_the_order_once
    what_has_not_arrived_is_nothing_and_no_error
    what_the_service_says_before_it_did_anything_changes_nothing
}

for_each_provider! { bringing_back: restoring:
    a_group_is_everybody_in_it
    a_lost_message_is_made_again_where_it_lay
    an_unclear_restoration_is_looked_into_and_asked_again
    the_octets_of_an_item_come_back_or_are_out_of_reach
    what_its_owner_changed_meanwhile_is_put_right
    what_lies_in_its_folder_already_is_not_moved_again
    what_was_answered_is_heard
    whether_a_message_was_made_again_is_seen_by_its_id
}
