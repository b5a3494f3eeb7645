//! Orders by hand: chosen in steps, stopped, tried again and undone; and what came before is kept.

use std::time::Duration;

use clawback_core::audit::Actor;
use clawback_core::copy::{Answer, Order, Step};
use clawback_core::job::{Control, Job, JobState, OrderedBy, Selection};
use clawback_core::plan::Rank;
use clawback_core::retraction::{Event, Reason, Schedule, State};
use clawback_core::{Destination, Disposition, Folder, JobId, MessageId, OperatorId, UnixMillis};
use clawback_store::view::JobRow;
use clawback_store::{Advance, ClaimedCopy, StoreError};

use crate::world::*;

fn operator() -> Actor {
    Actor::Operator { id: OperatorId::from_octets([7; 16]), name: "Olga".into() }
}

fn job(world: &World, number: u8, destination: Destination, selection: Selection) -> Job {
    Job {
        id: JobId::from_octets([number; 16]),
        by: OrderedBy::Operator { id: OperatorId::from_octets([7; 16]), name: "Olga".into() },
        destination,
        reason: "by hand".into(),
        created: world.now(),
        selection,
    }
}

impl World {
    async fn order(&self, job: &Job) {
        assert!(self.mine().order(job.clone(), &operator()).await.unwrap(), "a new one");
        self.settled().await;
    }

    async fn settled(&self) {
        while self.here().settle_jobs().await.unwrap() {}
    }

    async fn say(&self, job: &Job, control: Control) -> Result<(), StoreError> {
        self.mine().control_job(job.id, control, &operator()).await?;
        self.settled().await;
        Ok(())
    }

    async fn row(&self, job: JobId) -> JobRow {
        self.mine().job(job).await.unwrap().unwrap()
    }

    async fn due(&self, limit: usize) -> Vec<ClaimedCopy> {
        self.here().claim_copies(limit, LEASE, self.now()).await.unwrap()
    }

    /// Takes a claimed copy through to the state that an order ends with.
    async fn carry_out(&self, claimed: &ClaimedCopy, events: &[Event]) {
        let schedule = Schedule::default();
        let mut retraction = claimed.copy.order.as_ref().unwrap().retraction;
        for event in events {
            retraction = retraction.on(*event, self.now(), &schedule);
            let step = Step {
                at: self.now(),
                job: claimed.copy.order.as_ref().unwrap().job,
                state: retraction.state,
                reason: retraction.reason,
                answers: vec![Answer {
                    call: "move".into(),
                    status: Some(201),
                    code: None,
                    ours: Some("a-1".into()),
                    theirs: Some("b-2".into()),
                }],
            };
            let advance = Advance {
                folder: Some(Folder::Junk),
                step: Some(step),
                release: retraction.state.is_final(),
                ..Advance::to(retraction)
            };
            self.here().advance(claimed, advance).await.unwrap();
        }
    }
}

const DONE: [Event; 3] = [Event::Asking, Event::Accepted, Event::Verified];

async fn delivered(count: u32) -> (World, Vec<MessageId>) {
    let world = World::new().await;
    let ids = world
        .recorded_many(count, |place, record| {
            record.recipients = vec![
                recipient(&format!("anna{place}@corp.example")),
                recipient("x@elsewhere.example.net"),
            ];
        })
        .await;
    (world, ids)
}

/// The same message comes in again, for somebody else.
async fn fork(world: &World, mailbox: &str) {
    let people = vec![recipient(mailbox)];
    world.recorded(|record| (record.digest, record.recipients) = ([7; 32], people)).await;
}

fn of(ids: &[MessageId]) -> Selection {
    Selection::Messages { ids: ids.to_vec() }
}

#[tokio::test]
async fn an_order_by_hand_reaches_every_copy_of_ours_once_and_is_in_the_log() {
    let (world, ids) = delivered(3).await;
    let junk = job(&world, 1, Destination::Junk, of(&ids[..2]));
    world.order(&junk).await;
    assert!(!world.mine().order(junk.clone(), &operator()).await.unwrap(), "the same again");
    world.settled().await;
    let row = world.row(junk.id).await;
    assert_eq!((row.tally.total(), row.messages, row.is_selecting), (2, 2, false));
    assert_eq!(row.state(), JobState::Queued);
    let claimed = world.due(10).await;
    assert_eq!(claimed.len(), 2);
    for copy in &claimed {
        assert_eq!(copy.copy.order.as_ref().unwrap().rank, Rank::First, "somebody waits for it");
        world.carry_out(copy, &DONE).await;
    }
    assert_eq!(world.row(junk.id).await.state(), JobState::Done);
    let message = world.mine().message(ids[0]).await.unwrap().unwrap();
    let ordered = message.timeline.iter().find(|step| step.action == "retraction.ordered");
    assert_eq!(ordered.unwrap().actor, "Olga");
    let [(_, steps)] = message.steps.as_slice() else { panic!("one copy has steps") };
    let states: Vec<_> = steps.iter().map(|step| step.state).collect();
    assert_eq!(states, [State::Asked, State::Moved, State::Retracted]);
    assert_eq!(steps[0].answers[0].theirs.as_deref(), Some("b-2"));
    let log = world.mine().audit(50, None).await.unwrap();
    assert!(log.iter().any(|row| row.entry.action == "job.ordered"));
}

#[tokio::test]
async fn what_a_query_finds_is_ordered_in_steps_and_what_came_later_is_not() {
    let (world, _) = delivered(150).await;
    let (from, to) = (UnixMillis(0), UnixMillis(world.now().0 + 1));
    world.clock.forward(Duration::from_secs(5));
    world.recorded(|record| record.recipients = vec![recipient("late@corp.example")]).await;
    let found = Selection::Found { query: "invoice".into(), from, to };
    let junk = job(&world, 1, Destination::Junk, found);
    assert!(world.mine().order(junk.clone(), &operator()).await.unwrap());
    assert!(world.here().settle_jobs().await.unwrap(), "more than one step");
    let row = world.row(junk.id).await;
    assert!(row.is_selecting && row.tally.total() < 150, "{:?}", row.tally);
    world.settled().await;
    let row = world.row(junk.id).await;
    assert_eq!((row.tally.total(), row.messages, row.is_selecting), (150, 150, false));
    assert_eq!(world.due(1).await[0].copy.order.as_ref().unwrap().rank, Rank::Usual);
}

#[tokio::test]
async fn a_restart_in_the_middle_of_a_choice_goes_on_where_it_was() {
    let (mut world, ids) = delivered(150).await;
    let junk = job(&world, 1, Destination::Junk, of(&ids));
    world.mine().order(junk.clone(), &operator()).await.unwrap();
    assert!(world.here().settle_jobs().await.unwrap());
    world.restart().await;
    world.settled().await;
    assert_eq!(world.row(junk.id).await.tally.of(State::Planned), 150);
}

#[tokio::test]
async fn a_paused_job_rests_and_goes_on() {
    let (world, ids) = delivered(3).await;
    let junk = job(&world, 1, Destination::Junk, of(&ids));
    world.order(&junk).await;
    let [in_hand] = world.due(1).await.try_into().unwrap();
    world.say(&junk, Control::Pause).await.unwrap();
    assert_eq!(world.row(junk.id).await.state(), JobState::Paused);
    assert!(world.due(10).await.is_empty(), "nothing begins");
    let schedule = Schedule::default();
    let order = in_hand.copy.order.clone().unwrap();
    let waiting = order.retraction.on(Event::NotThere, world.now(), &schedule);
    let advance = Advance { release: true, ..Advance::to(waiting) };
    world.here().advance(&in_hand, advance).await.unwrap();
    world.settled().await;
    world.clock.forward(Duration::from_secs(3_600));
    assert!(world.due(10).await.is_empty(), "not even what was in hand then");
    world.say(&junk, Control::Run).await.unwrap();
    assert_eq!(world.due(10).await.len(), 3);
    let again = world.say(&junk, Control::Run).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
}

#[tokio::test]
async fn a_cancelled_job_leaves_what_it_did_and_begins_nothing_more() {
    let (world, ids) = delivered(3).await;
    let junk = job(&world, 1, Destination::Junk, of(&ids));
    world.order(&junk).await;
    let [first] = world.due(1).await.try_into().unwrap();
    world.carry_out(&first, &DONE).await;
    world.say(&junk, Control::Cancel).await.unwrap();
    let row = world.row(junk.id).await;
    assert_eq!((row.tally.of(State::Retracted), row.tally.of(State::Cancelled)), (1, 2));
    assert_eq!(row.state(), JobState::Cancelled);
    assert!(world.due(10).await.is_empty());
    for control in [Control::Run, Control::Pause, Control::Cancel] {
        let refused = world.say(&junk, control).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{control:?}: {refused:?}");
    }
}

#[tokio::test]
async fn only_what_failed_is_tried_again() {
    let (world, ids) = delivered(2).await;
    let junk = job(&world, 1, Destination::Junk, of(&ids));
    world.order(&junk).await;
    let [good, bad] = world.due(10).await.try_into().unwrap();
    world.carry_out(&good, &DONE).await;
    world.carry_out(&bad, &[Event::Denied(Reason::AccessDenied)]).await;
    assert_eq!(world.row(junk.id).await.state(), JobState::DoneWithFailures);
    world.mine().retry_job(junk.id, &operator()).await.unwrap();
    world.settled().await;
    let [again] = world.due(10).await.try_into().unwrap();
    assert_eq!(again.copy.id, bad.copy.id);
    world.carry_out(&again, &DONE).await;
    assert_eq!(world.row(junk.id).await.state(), JobState::Done);
    let none = world.mine().retry_job(junk.id, &operator()).await;
    assert!(matches!(none, Err(StoreError::Conflict)), "{none:?}");
}

#[tokio::test]
async fn an_undo_puts_back_what_was_moved_and_withdraws_the_rest() {
    let world = World::new().await;
    world.set_policy(Disposition::Malicious, Destination::Junk).await;
    let people = ["anna@corp.example", "ben@corp.example", "cleo@corp.example"];
    let people = people.map(recipient).to_vec();
    let (id, _) = world.recorded(|r| (r.digest, r.recipients) = ([7; 32], people)).await;
    let [policy] = world.mine().jobs(10).await.unwrap().try_into().unwrap();
    let mut claimed = world.due(2).await;
    let (moved, asked) = (claimed.remove(0), claimed.remove(0));
    world.carry_out(&moved, &DONE).await;
    world.carry_out(&asked, &DONE[..1]).await;

    let undo = job(&world, 9, Destination::Inbox, Selection::Job { id: policy.job.id });
    world.order(&undo).await;
    let row = world.row(policy.job.id).await;
    assert_eq!(row.undone_by, Some(undo.id));
    assert_eq!(row.tally.total(), 3, "what a job did stays its own: {:?}", row.tally);
    assert_eq!((row.tally.of(State::Retracted), row.tally.of(State::Cancelled)), (1, 1));
    assert_eq!(world.row(undo.id).await.tally.of(State::Planned), 2, "one of them waits");
    let second = job(&world, 8, Destination::Inbox, Selection::Job { id: policy.job.id });
    let refused = world.mine().order(second, &operator()).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");

    let [back] = world.due(10).await.try_into().unwrap();
    assert_eq!(back.copy.id, moved.copy.id);
    assert_eq!(back.copy.order.as_ref().unwrap().destination, Destination::Inbox);
    world.carry_out(&back, &DONE).await;
    // The one that was under way ends, and its restoration begins.
    let asked = again(&world, asked).await;
    world.carry_out(&asked, &[Event::Accepted, Event::Verified]).await;
    let [back] = world.due(10).await.try_into().unwrap();
    assert_eq!(back.copy.id, asked.copy.id);
    world.carry_out(&back, &DONE).await;
    let row = world.row(undo.id).await;
    assert_eq!((row.state(), row.tally.of(State::Retracted)), (JobState::Done, 2));
    let row = world.row(policy.job.id).await;
    assert_eq!((row.tally.of(State::Retracted), row.tally.of(State::Cancelled)), (2, 1));
    let copies = world.mine().job_copies(policy.job.id, 0, 10).await.unwrap();
    assert_eq!(copies.len(), 3);
    assert!(copies.iter().all(|copy| copy.destination == Destination::Junk));

    // Released is released: neither a late fork nor the policy takes it again.
    fork(&world, "late@corp.example").await;
    assert!(world.due(10).await.is_empty());
    let message = world.mine().message(id).await.unwrap().unwrap();
    assert_eq!(message.copies.len(), 4);
    assert_eq!(message.decision.unwrap().destination, Destination::Inbox);
    let overview = world.mine().overview(world.ever(), 4).await.unwrap();
    assert_eq!(overview.retractions.total(), 1, "restorations are not counted as retractions");
}

/// The claim with the state that the store has by now.
async fn again(world: &World, claimed: ClaimedCopy) -> ClaimedCopy {
    let message = world.mine().message(claimed.copy.message).await.unwrap().unwrap();
    let copy = message.copies.into_iter().find(|copy| copy.id == claimed.copy.id).unwrap();
    ClaimedCopy { copy, ..claimed }
}

#[tokio::test]
async fn an_undo_leaves_alone_what_a_later_order_took_over() {
    let world = World::new().await;
    world.set_policy(Disposition::Malicious, Destination::Junk).await;
    let (id, _) = world.recorded(|_| ()).await;
    let [policy] = world.mine().jobs(10).await.unwrap().try_into().unwrap();
    let [copy] = world.due(10).await.try_into().unwrap();
    world.carry_out(&copy, &DONE).await;
    let further = job(&world, 1, Destination::SoftDelete, of(&[id]));
    world.order(&further).await;
    let [copy] = world.due(10).await.try_into().unwrap();
    world.carry_out(&copy, &DONE).await;
    let undo = job(&world, 2, Destination::Inbox, Selection::Job { id: policy.job.id });
    world.order(&undo).await;
    assert!(world.due(10).await.is_empty());
    assert_eq!(world.row(undo.id).await.tally.total(), 0);
    let undo = job(&world, 3, Destination::Inbox, Selection::Job { id: further.id });
    world.order(&undo).await;
    assert_eq!(world.due(10).await.len(), 1);
}

#[tokio::test]
async fn an_order_by_hand_takes_the_place_of_one_that_has_not_begun() {
    let world = World::new().await;
    world.set_policy(Disposition::Malicious, Destination::Junk).await;
    let (id, _) = world.recorded(|record| record.digest = [7; 32]).await;
    let [policy] = world.mine().jobs(10).await.unwrap().try_into().unwrap();
    let trash = job(&world, 1, Destination::Trash, of(&[id]));
    world.order(&trash).await;
    assert_eq!(world.row(policy.job.id).await.tally.of(State::Cancelled), 1);
    let [copy] = world.due(10).await.try_into().unwrap();
    let order = copy.copy.order.as_ref().unwrap();
    let Order { job, destination, .. } = order;
    assert_eq!((*job, *destination), (trash.id, Destination::Trash));
    fork(&world, "late@corp.example").await;
    let [late] = world.due(10).await.try_into().unwrap();
    assert_eq!(late.copy.order.as_ref().unwrap().job, trash.id, "what was decided holds");
}

#[tokio::test]
async fn another_tenants_job_is_nobodys() {
    let (world, ids) = delivered(1).await;
    let junk = job(&world, 1, Destination::Junk, of(&ids));
    world.order(&junk).await;
    let other = world.add_tenant(2, "other.example").await;
    let theirs = world.store.tenant(other, &world.region);
    assert!(theirs.job(junk.id).await.unwrap().is_none());
    let refused = theirs.control_job(junk.id, Control::Cancel, &operator()).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    let undo = job(&world, 2, Destination::Inbox, Selection::Job { id: junk.id });
    let refused = theirs.order(undo, &operator()).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    let stolen = job(&world, 3, Destination::HardDelete, of(&ids));
    theirs.order(stolen.clone(), &operator()).await.unwrap();
    world.settled().await;
    assert_eq!(theirs.job(stolen.id).await.unwrap().unwrap().tally.total(), 0);
    assert_eq!(world.row(junk.id).await.tally.of(State::Planned), 1);
}

#[tokio::test]
async fn what_is_first_overtakes_what_is_usual() {
    let (world, ids) = delivered(120).await;
    world.order(&job(&world, 1, Destination::Junk, of(&ids[..110]))).await;
    world.clock.forward(Duration::from_secs(60));
    world.order(&job(&world, 2, Destination::Junk, of(&ids[119..]))).await;
    let [first] = world.due(1).await.try_into().unwrap();
    assert_eq!(first.copy.message, ids[119]);
}
