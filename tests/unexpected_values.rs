//! What becomes of a message whose export does not hold what the mapping expects is what the mapping says.

mod mapping_support;

use deskferry::mapping::MappedResult;
use deskferry::record::CauseKind;
use deskferry::update::{Channel, Field};
use mapping_support::{blocked, draft, map, skipped, small};

const CHANNELS: &str = "[tables.channels]\nweb = \"contact_form\"";

fn channel(more: &str) -> String {
    small(CHANNELS, &format!("channel = {{ from = \"c\", table = \"channels\"{more} }}"))
}

#[test]
fn a_value_that_its_table_lacks_leaves_the_message_out_where_the_mapping_says_so() {
    for more in [", when_unknown = \"skip\"", ", when_unknown = \"skip\", default = \"api\""] {
        let mapped = map(&channel(more), r#"{"id":1,"c":"line"}"#);
        assert_eq!(skipped(&mapped), "channel: `line` is not in table channels");
        assert_eq!(mapped[0].external_id.as_deref(), Some("1"), "it is named");
        let MappedResult::Skipped(cause) = &mapped[0].result else { unreachable!("skipped") };
        assert_eq!(cause.kind, CauseKind::SkipRule);
    }
    assert_eq!(
        draft(&map(&channel(", when_unknown = \"skip\""), r#"{"id":1,"c":"web"}"#)).channel,
        Some(Channel::ContactForm)
    );
}

#[test]
fn a_default_can_be_for_what_is_missing_alone() {
    let text = channel(", default = \"api\", when_unknown = \"block\"");
    assert_eq!(blocked(&map(&text, r#"{"id":1,"c":"line"}"#)).1, "channel: `line` is not in table channels");
    assert_eq!(draft(&map(&text, r#"{"id":1}"#)).channel, Some(Channel::Api));
    let text = channel(", default = \"api\", when_unknown = \"default\"");
    assert_eq!(draft(&map(&text, r#"{"id":1,"c":"line"}"#)).channel, Some(Channel::Api));
}

#[test]
fn a_missing_value_leaves_the_message_out_where_the_mapping_says_so() {
    let text = channel(", when_missing = \"skip\"");
    assert_eq!(skipped(&map(&text, r#"{"id":1}"#)), "channel: there is no `c`");
    assert_eq!(blocked(&map(&text, r#"{"id":1,"c":"line"}"#)).1, "channel: `line` is not in table channels");
    let time = small("", r#"sent_datetime = { from = "t", apply = ["datetime"], when_missing = "skip" }"#);
    assert_eq!(skipped(&map(&time, r#"{"id":1}"#)), "sent_datetime: there is no `t`");
    assert_eq!(
        blocked(&map(&time, r#"{"id":1,"t":"soon"}"#)).1,
        "sent_datetime: `datetime`: this is no time such as 2024-05-31T12:00:00Z (`time_format` reads other forms)"
    );
}

#[test]
fn what_is_left_out_need_not_be_right() {
    let text =
        small("", "channel = { from = \"c\", when_missing = \"skip\" }\nsubject = { from = \"s\", required = true }");
    assert_eq!(skipped(&map(&text, r#"{"id":1,"from_agent":5}"#)), "channel: there is no `c`");
    assert_eq!(blocked(&map(&text, r#"{"id":1,"c":"email"}"#)).1, "subject: there is no `s`");
}

#[test]
fn only_a_way_that_applies_leaves_a_message_out() {
    let fields = r#"channel = [{ when = "kind == 'a'", from = "c", when_missing = "skip" }, { when = "kind == 'b'", from = "d" }]"#;
    let text = small("", fields);
    assert_eq!(skipped(&map(&text, r#"{"id":1,"kind":"a"}"#)), "channel: there is no `c`");
    assert_eq!(blocked(&map(&text, r#"{"id":1,"kind":"b"}"#)).1, "channel: there is no `d`");
    assert_eq!(blocked(&map(&text, r#"{"id":1,"kind":"c"}"#)).1, "channel: none of its conditions holds");
}

#[test]
fn parts_and_lists_and_ids_leave_a_message_out_as_well() {
    let fields = r#"sender.email = { from = "who", when_missing = "skip" }
source.type = { value = "email" }
source.to = { each = "to", when_missing = "skip", fields = { address = { from = "a", when_missing = "skip" } } }"#;
    let text = small("", fields) + "[message.ticket]\nexternal_id = { from = \"t\", when_missing = \"skip\" }\n";
    let full = r#"{"id":1,"who":"a@x","to":[{"a":"b@x"}],"t":"9"}"#;
    assert!(draft(&map(&text, full)).source.is_sent());
    for (gone, reason) in [
        (r#""who":"a@x","#, "sender.email: there is no `who`"),
        (r#""to":[{"a":"b@x"}],"#, "source.to: there is no `to`"),
        (r#""a":"b@x""#, "source.to.address: there is no `a`"),
        (r#","t":"9""#, "ticket.external_id: there is no `t`"),
    ] {
        assert_eq!(skipped(&map(&text, &full.replace(gone, ""))), reason);
    }
}

#[test]
fn a_list_of_one_element_can_be_needed() {
    let fields =
        "source.type = { value = \"email\" }\nsource.to = { required = true, fields = { address = { from = \"a\" } } }";
    assert_eq!(blocked(&map(&small("", fields), r#"{"id":1}"#)).1, "source.to: there is no element");
}

#[test]
fn a_field_that_can_be_cleared_still_is() {
    let text = small("", r#"subject = { from = "s", when_missing = "clear" }"#);
    assert_eq!(draft(&map(&text, r#"{"id":1}"#)).subject, Field::Clear);
}
