//! Before a run, the account is looked at: what may react, what does not fit, and what to do about it. What can't be
//! told is never taken for harmless.

#![allow(clippy::expect_used, reason = "a test may stop at what it did not expect")]

#[path = "support/screen.rs"]
mod screen;
#[path = "support/script.rs"]
mod script;
mod support;

use std::slice::from_ref;
use std::sync::Arc;
use std::time::Duration;

use deskferry::account::{
    Check, CheckName, Given, Interrupted, Level, MailRisk, Preflight, ScanAge, User, Waiver, preflight,
};
use deskferry::deliver::{Backoff, Clock, Courier, Pace, Pacer, Rate};
use deskferry::report::{check_text, check_verdict};
use insta::assert_snapshot;
use jiff::{SignedDuration, Timestamp};
use screen::{assert_one_clear_sentence, settled, told};
use script::{Reply, Script, page, quiet};
use serde_json::{Value, json};
use support::{Folder, Ran};
use tokio::sync::watch;
use tokio::time::Instant;

/// 2027-01-15 08:00:00 UTC, as `Script`'s `Date` headers say.
const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);
const EMAIL: &str = "ann@acme.example";

fn facts() -> Given {
    Given { pace: Pace::typed(Rate::API_KEY), scan: ScanAge::None, has_targets: true, mail: None, waivers: Vec::new() }
}

fn courier(script: &Script, facts: &Given, stopping: watch::Receiver<bool>) -> Courier<Script> {
    let backoff = Backoff { tries: 3, outage: Duration::from_secs(5), ..Backoff::default() };
    let pacer = Arc::new(Pacer::new(facts.pace, Backoff::default()));
    Courier { transport: script.clone(), pacer, backoff, clock: Clock::new(|| NOW), stopping }
}

/// Looks at the account that `script` plays.
async fn look(script: &Script, facts: &Given) -> Preflight {
    let (_running, stopping) = watch::channel(false);
    let user = User::Email(EMAIL.into());
    preflight(&courier(script, facts, stopping), &user, facts).await.expect("nobody stops it")
}

fn shown(preflight: &Preflight) -> String {
    let text = check_text(&preflight.checks, |_, word| word.to_owned());
    format!("{text}\n  {}", check_verdict(preflight))
}

#[track_caller]
fn of(preflight: &Preflight, name: CheckName) -> &Check {
    preflight.checks.iter().find(|check| check.name == name).expect("the check was made")
}

/// Level and finding, for tables.
#[track_caller]
fn row(preflight: &Preflight, name: CheckName) -> String {
    let check = of(preflight, name);
    format!("{:<8} {}", check.word(), check.finding)
}

#[tokio::test(start_paused = true)]
async fn a_quiet_account_is_ready_and_costs_four_reads_at_its_own_pace() {
    let script = quiet();
    let facts = Given {
        scan: ScanAge::Complete { begun: NOW - SignedDuration::from_mins(185) },
        mail: Some(MailRisk { unsent: Some(0), blocked: 0 }),
        ..facts()
    };
    let began = Instant::now();
    let preflight = look(&script, &facts).await;
    assert_snapshot!(shown(&preflight), @"
    ok       credentials   accepted
    ok       role          admin
    ok       limit         40 requests, 1 in use now
    ok       clock         the same as Gorgias's, within a minute
    ok       scan          complete, begun 3 h 5 min ago
    ok       rules         no active rule may react to an update
    ok       integrations  no active HTTP integration may react to an update
    ok       mail          no target is an unsent answer; no message is blocked
                           because Gorgias might mail it

    ready: nothing stands in the way of a run
    ");
    assert_eq!(began.elapsed(), Duration::from_millis(1_500), "four requests at two a second");
    assert_eq!(
        script.asked(),
        [
            "GET /api/account",
            "GET /api/users?email=ann%40acme.example",
            "GET /api/rules?limit=100",
            "GET /api/integrations?limit=100"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_waived_stays_waived_until_there_is_more_of_it() {
    let rules = |names: &[&str]| -> Vec<_> {
        names.iter().map(|name| json!({"id": 1, "name": name, "event_types": "ticket-updated"})).collect()
    };
    let one = quiet().with("/api/rules", page(&rules(&["Close spam"])));
    let before = look(&one, &Given { waivers: vec![Waiver::Rules], ..facts() }).await;
    assert_eq!(of(&before, CheckName::Rules).word(), "waived");
    let mut again = look(&one, &facts()).await;
    again.waive_as(&before);
    assert_eq!(of(&again, CheckName::Rules).word(), "waived");
    let two = quiet().with("/api/rules", page(&rules(&["Close spam", "Answer everybody"])));
    let mut more = look(&two, &facts()).await;
    more.waive_as(&before);
    assert_eq!(of(&more, CheckName::Rules).word(), "stop", "nobody has waived the second rule");
}

#[tokio::test(start_paused = true)]
async fn what_stands_in_the_way_is_named_with_what_to_do() {
    let script = quiet()
        .with(
            "/api/account",
            Reply::new(200, &json!({})).header("X-Gorgias-Account-Api-Call-Limit", "62/80").header("Date", AN_HOUR_AGO),
        )
        .with("/api/users", page(&[json!({"email": EMAIL, "role": {"name": "observer-agent"}})]))
        .with(
            "/api/rules",
            page(&[
                json!({"id": 1, "name": "Answer out of hours", "event_types": "ticket-created,ticket-message-created"}),
                json!({"id": 2, "name": "Close spam", "event_types": "ticket-updated", "deactivated_datetime": null}),
            ]),
        )
        .with(
            "/api/integrations",
            page(&[
                json!({"id": 3, "name": "Shop sync", "type": "http", "http": {"triggers": {"ticket-updated": true}}}),
            ]),
        );
    let facts = Given {
        scan: ScanAge::Incomplete,
        has_targets: false,
        mail: Some(MailRisk { unsent: Some(1_200), blocked: 1 }),
        ..facts()
    };
    assert_snapshot!(shown(&look(&script, &facts).await), @"
    ok       credentials   accepted
    warning  role          observer-agent, who may not change tickets
                           → use the key of a user who may: in Gorgias, an admin
                             can change the role (Settings, Users)
    warning  limit         80 requests, 62 in use now; 40/20s is kept to, slower
                           than it could be; the account is busy
                           → it fits 80/20s or 80/10s, and the account doesn't
                             tell which: `--rate 80/20s` is on the safe side;
                             other integrations use more than half of the limit;
                             run when they rest, or expect it to take longer
    warning  clock         this machine's clock is 1 h 0 min ahead of Gorgias's
                           → set it right: the times in reports, and waits until a
                             time that Gorgias names, are off by as much
    warning  scan          it stopped before its end: no plan looks for targets in
                           half a copy
                           → the same `deskferry scan` command goes on with it
    stop     rules         2 active rules may react to an update: Answer out of
                           hours, Close spam
                           → switch them off in Gorgias (Settings, Rules) for the
                             time of the run; if they can't mail anybody:
                             `--waive rules`
    stop     integrations  1 active HTTP integration may react to an update: Shop
                           sync
                           → switch them off in Gorgias for the time of the run;
                             if whatever listens may hear of every update:
                             `--waive integrations`
    warning  mail          1,200 targets are answers that Gorgias has not sent; 1
                           message is blocked because Gorgias might mail it
                           → look at some of them in Gorgias first: what was sent
                             long ago should not wait there to be sent

    STOP: a run would not start because of rules and integrations
    ");
    // One of the two stops is waived; the other still stops.
    let facts = Given { waivers: vec![Waiver::Rules], ..facts };
    let waived = look(&script, &facts).await;
    assert_eq!(of(&waived, CheckName::Rules).word(), "waived");
    assert_eq!(waived.stops().map(|check| check.name).collect::<Vec<_>>(), [CheckName::Integrations]);
    let facts = Given { waivers: vec![Waiver::Integrations, Waiver::Rules], ..facts };
    let waived = look(&script, &facts).await;
    assert_eq!(waived.stops().count(), 0);
    assert_snapshot!(check_verdict(&waived), @"ready, with 5 warnings and 2 waived stops");
}

/// An hour before [`NOW`].
const AN_HOUR_AGO: &str = "Fri, 15 Jan 2027 07:00:00 GMT";

#[tokio::test(start_paused = true)]
async fn where_there_is_no_way_in_nothing_else_is_asked_and_nothing_can_be_waived() {
    let facts = Given { waivers: Waiver::ALL.to_vec(), ..facts() };
    let mut table = Vec::new();
    for (what, reply) in [
        ("a wrong key", Reply::error(401, "Unauthorized.")),
        ("a role without rights", Reply::error(403, "Forbidden.")),
        ("a wrong domain", Reply::html(404)),
        ("something else", Reply::error(404, "No such thing.")),
        ("a moved account", Reply::new(301, &json!(null)).header("Location", "/elsewhere")),
        ("a web page", Reply::html(200)),
        ("trouble", Reply::error(503, "Down for maintenance.")),
        ("no connection", Reply::unreachable()),
    ] {
        let script = quiet().with("/api/account", reply);
        let preflight = look(&script, &facts).await;
        let [check] = preflight.checks.as_slice() else { panic!("{what}: {preflight:?}") };
        assert!(check.stops(), "{what}");
        assert!(script.asked().iter().all(|asked| asked == "GET /api/account"), "{what}");
        table.push(format!("{what}: {} -> {}", check.finding, check.advice.as_deref().expect("advice")));
    }
    assert_snapshot!(table.join("\n"), @"
    a wrong key: the credentials are not accepted (401: Unauthorized) -> check GORGIAS_EMAIL and GORGIAS_API_KEY (or GORGIAS_ACCESS_TOKEN)
    a role without rights: the user may not read the account (403: Forbidden) -> use the key of a user who may edit tickets
    a wrong domain: there is no Gorgias account here (404 with a web page in place of an answer) -> check GORGIAS_DOMAIN
    something else: this does not answer as a Gorgias account does (404: No such thing) -> check GORGIAS_DOMAIN, or --base-url
    a moved account: this does not answer as a Gorgias account does (301: it was merged into another or moved) -> check GORGIAS_DOMAIN, or --base-url
    a web page: the account does not answer as it should (200: the answer can't be read) -> try again later
    trouble: the account does not answer as it should (503: Down for maintenance) -> try again later
    no connection: the account can't be reached (no connection: connection refused) -> check the network, and at a rehearsal that the simulator runs
    ");
}

#[tokio::test(start_paused = true)]
async fn only_an_observer_is_warned_of_and_what_tells_no_role_is_said() {
    let user = |role: Value| page(&[json!({"email": "Ann@Acme.example", "role": role})]);
    let mut table = Vec::new();
    for reply in [
        user(json!({"id": 5, "name": "admin"})),
        user(json!("lite-agent")),
        user(json!([{"name": "basic-agent"}])),
        user(json!({"name": "Observer agent"})),
        user(json!(null)),
        user(json!({"id": 5})),
        user(json!({"name": "\u{1b}[2J"})),
        page(&[json!({"email": EMAIL, "roles": {"name": "agent"}})]),
        // The filter was not understood.
        page(&[json!({"email": "bob@acme.example", "role": {"name": "admin"}})]),
        page(&[]),
        Reply::new(200, &json!(["admin"])),
        Reply::error(403, "Forbidden."),
        Reply::error(404, "Not found."),
        Reply::error(500, "Oops."),
    ] {
        let preflight = look(&quiet().with("/api/users", reply), &facts()).await;
        assert_eq!(preflight.stops().count(), 0);
        table.push(row(&preflight, CheckName::Role));
    }
    assert_snapshot!(table.join("\n"), @"
    ok       admin
    ok       lite-agent
    ok       basic-agent
    warning  Observer agent, who may not change tickets
    warning  could not be read (the answer doesn't tell it)
    warning  could not be read (the answer doesn't tell it)
    ok       [2J
    ok       agent
    warning  could not be read (the answer doesn't tell it)
    warning  could not be read (the answer doesn't tell it)
    warning  could not be read (the answer doesn't tell it)
    warning  could not be read (403: Forbidden)
    warning  could not be read (404: Not found)
    warning  could not be read (500: Oops)
    ");
}

#[tokio::test(start_paused = true)]
async fn a_token_tells_no_role_and_a_test_server_without_credentials_has_no_user() {
    let (_running, stopping) = watch::channel(false);
    for (user, expected) in [(User::Token, Some("an access token; its role isn't told")), (User::Nobody, None)] {
        let script = quiet();
        let looked = preflight(&courier(&script, &facts(), stopping.clone()), &user, &facts()).await;
        let looked = looked.expect("nobody stops it");
        let role = looked.checks.iter().find(|check| check.name == CheckName::Role);
        assert_eq!(role.map(|check| check.finding.as_str()), expected);
        assert!(script.asked().iter().all(|asked| !asked.contains("/api/users")));
    }
}

#[tokio::test(start_paused = true)]
async fn the_rate_in_use_is_held_against_the_accounts_limit() {
    let mut table = Vec::new();
    for (header, rate) in [
        (Some("3/40"), "40/20s"),
        (Some("3/40"), "40/10s"),
        (Some("1/80"), "40/20s"),
        (Some("1/40"), "80/20s"),
        (Some("1/400000"), "40/20s"),
        (Some("21/40"), "40/20s"),
        (Some("22/40"), "40/20s"),
        (Some("80/80"), "40/20s"),
        (Some("1/40"), "none"),
        (Some("full"), "40/20s"),
        (None, "40/20s"),
        (None, "none"),
    ] {
        let reply = Reply::new(200, &json!({}));
        let reply = match header {
            Some(header) => reply.header("X-Gorgias-Account-Api-Call-Limit", header),
            None => reply,
        };
        let facts = Given { pace: Pace::typed(rate.parse().expect("a rate")), ..facts() };
        let preflight = look(&quiet().with("/api/account", reply), &facts).await;
        let advice = of(&preflight, CheckName::Limit).advice.clone();
        let advice = advice.map(|advice| format!("\n         -> {advice}")).unwrap_or_default();
        table.push(format!("{}{advice}", row(&preflight, CheckName::Limit)));
    }
    assert_snapshot!(table.join("\n"), @"
    ok       40 requests, 3 in use now
    ok       40 requests, 3 in use now
    warning  80 requests, 1 in use now; 40/20s is kept to, slower than it could be
             -> it fits 80/20s or 80/10s, and the account doesn't tell which: `--rate 80/20s` is on the safe side
    warning  40 requests, 1 in use now; 40/20s is kept to, because the account allows no more
             -> it fits 40/20s or 40/10s, and the account doesn't tell which: `--rate 40/20s` is on the safe side
    warning  400,000 requests, 1 in use now; 40/20s is kept to, slower than it could be
             -> that is none of Gorgias's own limits (40/20s, 80/20s, 40/10s or 80/10s)
    ok       40 requests, 21 in use now
    warning  40 requests, 22 in use now; the account is busy
             -> other integrations use more than half of the limit; run when they rest, or expect it to take longer
    warning  80 requests, 80 in use now; 40/20s is kept to, slower than it could be; the account is busy
             -> it fits 80/20s or 80/10s, and the account doesn't tell which: `--rate 80/20s` is on the safe side; other integrations use more than half of the limit; run when they rest, or expect it to take longer
    ok       40 requests, 1 in use now
    warning  the account doesn't tell its limit; 40/20s is kept to
             -> make sure that it is the account's: 40/20s, 80/20s, 40/10s or 80/10s
    warning  the account doesn't tell its limit; 40/20s is kept to
             -> make sure that it is the account's: 40/20s, 80/20s, 40/10s or 80/10s
    warning  the account doesn't tell its limit; no rate is kept to
             -> make sure that it is the account's: 40/20s, 80/20s, 40/10s or 80/10s
    ");
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_more_than_a_minute_off_is_told() {
    let mut table = Vec::new();
    for date in [
        "Fri, 15 Jan 2027 08:00:00 GMT",
        "Fri, 15 Jan 2027 07:59:00 GMT",
        "Fri, 15 Jan 2027 07:58:59 GMT",
        "Fri, 15 Jan 2027 08:01:00 GMT",
        "Fri, 15 Jan 2027 08:02:05 GMT",
    ] {
        let reply = Reply::new(200, &json!({})).header("Date", date);
        let preflight = look(&quiet().with("/api/account", reply), &facts()).await;
        table.push(format!("{date}: {}", row(&preflight, CheckName::Clock)));
    }
    assert_snapshot!(table.join("\n"), @"
    Fri, 15 Jan 2027 08:00:00 GMT: ok       the same as Gorgias's, within a minute
    Fri, 15 Jan 2027 07:59:00 GMT: ok       the same as Gorgias's, within a minute
    Fri, 15 Jan 2027 07:58:59 GMT: warning  this machine's clock is 1 min 1 s ahead of Gorgias's
    Fri, 15 Jan 2027 08:01:00 GMT: ok       the same as Gorgias's, within a minute
    Fri, 15 Jan 2027 08:02:05 GMT: warning  this machine's clock is 2 min 5 s behind Gorgias's
    ");
    for reply in [Reply::new(200, &json!({})), Reply::new(200, &json!({})).header("Date", "yesterday")] {
        let preflight = look(&quiet().with("/api/account", reply), &facts()).await;
        assert!(preflight.checks.iter().all(|check| check.name != CheckName::Clock));
    }
}

#[tokio::test(start_paused = true)]
async fn a_scan_is_to_be_whole_fresh_and_there_where_it_is_needed() {
    let ago = |hours: i64| ScanAge::Complete { begun: NOW - SignedDuration::from_hours(hours) };
    let mut table = Vec::new();
    for (scan, has_targets) in [
        (ago(24), true),
        (ago(25), true),
        // The scan was made on a machine whose clock is ahead.
        (ago(-1), false),
        (ScanAge::Incomplete, true),
        (ScanAge::None, false),
    ] {
        let preflight = look(&quiet(), &Given { scan, has_targets, ..facts() }).await;
        table.push(row(&preflight, CheckName::Scan));
    }
    assert_snapshot!(table.join("\n"), @"
    ok       complete, begun 1 day 0 h ago
    warning  complete, begun 1 day 1 h ago
    ok       complete, begun 0 s ago
    warning  it stopped before its end: no plan looks for targets in half a copy
    warning  there is none, and neither an ids file nor the export says which message is which in Gorgias
    ");
    let preflight = look(&quiet(), &facts()).await;
    assert!(preflight.checks.iter().all(|check| check.name != CheckName::Scan), "with an ids file none is needed");
}

#[tokio::test(start_paused = true)]
async fn unsent_answers_among_the_targets_are_told() {
    let mut table = Vec::new();
    for (unsent, blocked) in [(None, 0), (None, 3), (Some(0), 1), (Some(1), 0), (Some(2), 0)] {
        let facts = Given { mail: Some(MailRisk { unsent, blocked }), ..facts() };
        table.push(row(&look(&quiet(), &facts).await, CheckName::Mail));
    }
    assert_snapshot!(table.join("\n"), @"
    ok       no message is blocked because Gorgias might mail it
    ok       3 messages are blocked because Gorgias might mail them
    ok       no target is an unsent answer; 1 message is blocked because Gorgias might mail it
    warning  1 target is an answer that Gorgias has not sent; no message is blocked because Gorgias might mail it
    warning  2 targets are answers that Gorgias has not sent; no message is blocked because Gorgias might mail it
    ");
}

#[tokio::test(start_paused = true)]
async fn a_rule_stops_the_run_unless_it_is_known_not_to_react() {
    for (reacts, rule) in [
        (true, json!({"event_types": "ticket-created"})),
        (true, json!({"event_types": "ticket-updated,ticket-message-created"})),
        (true, json!({"event_types": " satisfaction-survey-responded , Ticket_Updated "})),
        (true, json!({"event_types": ["message-edited"]})),
        (true, json!({"event_types": {"ticket-updated": true}})),
        (true, json!({"event_types": "ticket-updated", "deactivated_datetime": null})),
        (true, json!({"event_types": "ticket-updated", "deactivated_datetime": ""})),
        // What can't be understood.
        (true, json!({})),
        (true, json!({"event_types": null})),
        (true, json!({"event_types": ""})),
        (true, json!({"event_types": 7})),
        (true, json!({"event_types": ["satisfaction-survey-responded", 7]})),
        // What is known not to.
        (false, json!({"event_types": "satisfaction-survey-responded"})),
        (false, json!({"event_types": ["customer-created"]})),
        (false, json!({"event_types": {"ticket-updated": false}})),
        (false, json!({"event_types": "ticket-updated", "deactivated_datetime": "2026-05-01T10:00:00"})),
        (false, json!({"deactivated_datetime": "2026-05-01T10:00:00"})),
    ] {
        let preflight = look(&quiet().with("/api/rules", page(from_ref(&rule))), &facts()).await;
        let expected = if reacts { Level::Stop } else { Level::Ok };
        assert_eq!(of(&preflight, CheckName::Rules).level, expected, "{rule}");
        assert_eq!(preflight.stops().count(), usize::from(reacts), "{rule}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_http_integration_stops_the_run_unless_it_is_known_not_to_hear_of_updates() {
    let http = |triggers: Value| json!({"type": "http", "http": {"triggers": triggers}});
    for (hears, integration) in [
        (true, http(json!({"ticket-created": true, "ticket-updated": true}))),
        (true, http(json!({"ticket_updated": true}))),
        (true, http(json!({"ticket-message-created": true}))),
        (true, http(json!(["ticket-message-failed"]))),
        (true, http(json!("ticket-updated"))),
        (true, http(json!({"ticket-updated": "yes"}))),
        // What can't be understood.
        (true, http(json!(null))),
        (true, json!({"type": "http", "http": null})),
        (true, json!({"type": "HTTP"})),
        (true, json!({"name": "a thing without a type"})),
        // What is known not to.
        (false, http(json!({}))),
        (false, http(json!({"ticket-created": true, "ticket-updated": false, "ticket-message-created": null}))),
        (false, http(json!(["ticket-created"]))),
        (false, json!({"type": "email", "http": null})),
        (false, json!({"type": "http", "deactivated_datetime": "2026-05-01T10:00:00"})),
    ] {
        let preflight = look(&quiet().with("/api/integrations", page(from_ref(&integration))), &facts()).await;
        let expected = if hears { Level::Stop } else { Level::Ok };
        assert_eq!(of(&preflight, CheckName::Integrations).level, expected, "{integration}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_rule_on_the_last_page_is_found() {
    let rule = |id: u64| json!({"id": id, "name": format!("Rule {id}"), "event_types": "ticket-updated"});
    let next = |cursor: &str| Reply::new(200, &json!({"data": [], "meta": {"next_cursor": cursor}}));
    let script = quiet()
        .with("/api/rules", next("two"))
        .with("/api/rules?limit=100&cursor=two", next("three"))
        .with("/api/rules?limit=100&cursor=three", page(&[rule(9)]));
    let preflight = look(&script, &facts()).await;
    assert_snapshot!(row(&preflight, CheckName::Rules), @"stop     1 active rule may react to an update: Rule 9");
    // A list whose pages lead back to themselves is not read for ever.
    let endless = look(&quiet().with("/api/rules", next("one")), &facts()).await;
    assert_snapshot!(row(&endless, CheckName::Rules), @"stop     the rules can't be read (the list does not end), and any may react");
}

#[tokio::test(start_paused = true)]
async fn a_list_that_this_role_may_not_see_is_a_warning_and_one_that_fails_a_stop() {
    let mut table = Vec::new();
    for reply in [
        Reply::error(403, "Forbidden."),
        Reply::error(404, "Not found."),
        Reply::html(404),
        Reply::error(401, "Unauthorized."),
        Reply::error(400, "Bad cursor."),
        Reply::error(500, "Oops."),
        Reply::new(200, &json!({"rules": []})),
        Reply::new(200, &json!({"data": ["a rule"]})),
        Reply::html(200),
        Reply::unreachable(),
    ] {
        let script = quiet().with("/api/rules", reply.clone()).with("/api/integrations", reply);
        let preflight = look(&script, &facts()).await;
        let level = of(&preflight, CheckName::Rules).level;
        assert_eq!(of(&preflight, CheckName::Integrations).level, level);
        table.push(row(&preflight, CheckName::Rules));
        let waived = look(&script, &Given { waivers: Waiver::ALL.to_vec(), ..facts() }).await;
        assert_eq!(waived.stops().count(), 0);
    }
    assert_snapshot!(table.join("\n"), @"
    warning  the rules can't be read with this role (403: Forbidden)
    warning  the rules can't be read with this role (404: Not found)
    warning  the rules can't be read with this role (404 with a web page in place of an answer)
    stop     the rules can't be read (401: Unauthorized), and any may react
    stop     the rules can't be read (400: Bad cursor), and any may react
    stop     the rules can't be read (500: Oops), and any may react
    stop     the rules can't be read (the answer is no list), and any may react
    stop     the rules can't be read (the answer is no list), and any may react
    stop     the rules can't be read (200: the answer can't be read), and any may react
    stop     the rules can't be read (no connection: connection refused), and any may react
    ");
}

#[tokio::test(start_paused = true)]
async fn names_are_fit_for_a_screen_and_a_report() {
    let rule = |name: Value| json!({"id": 7, "name": name, "event_types": "ticket-updated"});
    let rules = [
        rule(json!("Answer\u{1b}[31m in\nred")),
        rule(json!("Forward to ann@acme.example")),
        rule(json!("hook https://hooks.example/secret")),
        rule(json!("x".repeat(500))),
        json!({}),
        rule(json!("the sixth")),
        rule(json!("the seventh")),
    ];
    let preflight = look(&quiet().with("/api/rules", page(&rules)), &facts()).await;
    assert_snapshot!(of(&preflight, CheckName::Rules).finding, @"7 active rules may react to an update: Answer [31m in red, number 7, number 7, xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx, one without a name, and 2 more");
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_with_the_run_is_what_was_found() {
    let script = quiet().with("/api/rules", page(&[json!({"id": 1})]));
    let preflight = look(&script, &Given { waivers: vec![Waiver::Rules], ..facts() }).await;
    let text = serde_json::to_string(&preflight).expect("JSON");
    assert_eq!(serde_json::from_str::<Preflight>(&text).expect("the same"), preflight);
    let stored: Value = serde_json::from_str(&text).expect("JSON");
    for (check, stored) in preflight.checks.iter().zip(stored["checks"].as_array().expect("a list")) {
        assert_eq!((&stored["name"], &stored["level"]), (&json!(check.name.word()), &json!(check.level.word())));
    }
}

#[tokio::test(start_paused = true)]
async fn when_it_is_to_stop_nothing_is_asked() {
    let script = quiet();
    let (_stop, stopping) = watch::channel(true);
    let user = User::Email(EMAIL.into());
    let looked = preflight(&courier(&script, &facts(), stopping), &user, &facts()).await;
    assert_eq!(looked, Err(Interrupted));
    assert!(script.asked().is_empty());
}

const KEY: [(&str, &str); 2] = [("GORGIAS_EMAIL", EMAIL), ("GORGIAS_API_KEY", "k-17")];

/// `deskferry check` of the account that `script` plays on this machine.
fn check(folder: &Folder, script: &Script, arguments: &str) -> Ran {
    let arguments = format!("check --rate 4000/1s --base-url {} {arguments}", script.serve());
    Ran::of(folder.command(&arguments).envs(KEY).output().expect("deskferry starts"))
}

/// As it should be at `--rate 4000/1s`, whatever time it is.
fn ready() -> Script {
    quiet().with("/api/account", Reply::new(200, &json!({})).header("X-Gorgias-Account-Api-Call-Limit", "1/4000"))
}

fn with_a_rule() -> Script {
    ready().with("/api/rules", page(&[json!({"id": 1, "name": "Reply", "event_types": "ticket-updated"})]))
}

#[test]
fn the_command_tells_what_it_found_and_exits_with_0() {
    let folder = Folder::new();
    let _screen = settled(&folder);
    let ran = check(&folder, &ready(), "").expect(0);
    assert_snapshot!(told(&ran), @"
    exit code 0
    --- stdout
    Check: the account 127.0.0.1:[PORT] at 4000/1s

      ok       credentials   accepted
      ok       role          admin
      ok       limit         4,000 requests, 1 in use now
      ok       rules         no active rule may react to an update
      ok       integrations  no active HTTP integration may react to an update

      verdict  ready: nothing stands in the way of a run
    ");
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0, "nothing is written");
}

#[test]
fn a_stop_exits_with_4_unless_it_is_waived() {
    let folder = Folder::new();
    let _screen = settled(&folder);
    let ran = check(&folder, &with_a_rule(), "--waive integrations").expect(4);
    assert_snapshot!(told(&ran), @"
    exit code 4
    --- stdout
    Check: the account 127.0.0.1:[PORT] at 4000/1s

      ok       credentials   accepted
      ok       role          admin
      ok       limit         4,000 requests, 1 in use now
      stop     rules         1 active rule may react to an update: Reply
                             → switch them off in Gorgias (Settings, Rules) for the
                               time of the run; if they can't mail anybody:
                               `--waive rules`
      ok       integrations  no active HTTP integration may react to an update

      verdict  STOP: a run would not start because of rules
    ");
    let ran = check(&folder, &with_a_rule(), "--waive rules,integrations").expect(0);
    assert_snapshot!(told(&ran), @"
    exit code 0
    --- stdout
    Check: the account 127.0.0.1:[PORT] at 4000/1s

      ok       credentials   accepted
      ok       role          admin
      ok       limit         4,000 requests, 1 in use now
      waived   rules         1 active rule may react to an update: Reply
      ok       integrations  no active HTTP integration may react to an update

      verdict  ready, with 1 waived stop
    ");
}

#[test]
fn a_wrong_key_stops_it() {
    let folder = Folder::new();
    let _screen = settled(&folder);
    let script = quiet().with("/api/account", Reply::error(401, "Unauthorized."));
    assert_snapshot!(told(&check(&folder, &script, "").expect(4)), @"
    exit code 4
    --- stdout
    Check: the account 127.0.0.1:[PORT] at 4000/1s

      stop     credentials   the credentials are not accepted (401: Unauthorized)
                             → check GORGIAS_EMAIL and GORGIAS_API_KEY (or
                               GORGIAS_ACCESS_TOKEN)

      verdict  STOP: a run would not start because of credentials
    ");
}

#[test]
fn machines_read_the_same() {
    let folder = Folder::new();
    let ran = check(&folder, &with_a_rule(), "--json --waive rules").expect(0);
    let json = ran.json();
    assert_eq!((&json["schema"], &json["ready"]), (&json!("deskferry.check/1"), &json!(true)));
    let rules = json["checks"].as_array().expect("checks").iter().find(|check| check["name"] == "rules");
    let rules = rules.expect("the rules");
    assert_eq!((&rules["level"], &rules["waived"]), (&json!("stop"), &json!(true)));
    assert!(!ran.out.contains(EMAIL), "{}", ran.out);
    let json = check(&folder, &with_a_rule(), "--json").expect(4).json();
    assert_eq!(json["ready"], json!(false));
}

#[test]
fn what_is_mistyped_is_said_before_anything_is_asked() {
    let folder = Folder::new();
    let _screen = settled(&folder);
    let script = quiet();
    let ran = check(&folder, &script, "--waive rules,rule").expect(2);
    assert_one_clear_sentence(&ran);
    assert_snapshot!(told(&ran), @"
    exit code 2
    --- stderr
    error: `--waive rule` is not known

    hint: what can be waived: rules, integrations
    ");
    assert!(script.asked().is_empty());
    let ran = folder.run("check --simulate").expect(2);
    assert_one_clear_sentence(&ran);
    assert_snapshot!(told(&ran), @"
    exit code 2
    --- stderr
    error: there is nothing to check in the simulator inside: it is always ready

    hint: leave --simulate out to check the account in the environment, or name a test server with --base-url
    ");
    assert_one_clear_sentence(&folder.run("check").expect(2));
}
