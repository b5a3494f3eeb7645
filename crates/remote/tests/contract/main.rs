//! What every provider of mailboxes promises, each against its own simulated service over real
//! sockets: one set of cases, run for each.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]

mod cases;
mod tenant;

macro_rules! for_each_provider {
    ($($case:ident)*) => {
        mod microsoft {
            $(#[tokio::test] async fn $case() {
                super::cases::$case(&super::tenant::microsoft().await).await;
            })*
        }
        mod google {
            $(#[tokio::test] async fn $case() {
                super::cases::$case(&super::tenant::google().await).await;
            })*
        }
    };
}

for_each_provider! {
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
