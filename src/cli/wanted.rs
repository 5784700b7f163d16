//! What of the plan a command sends, and with which side effect: as it is typed, and as it is asked of the library.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::failure::Failure;
use super::plan::typed;
use super::sending::Errand;
use crate::checkpoint::{Selection, Which};
use crate::record::Action;

/// When the messages were sent that are meant.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Which")]
pub(super) struct TimesArgs {
    /// Only messages that were sent then or later: a day where you are, such as 2024-05-31, or a time with its zone, such
    /// as 2024-05-31T10:00:00Z
    #[arg(long, value_name = "DAY|TIME", value_parser = since)]
    messages_since: Option<Timestamp>,
    /// Only messages that were sent then or earlier; a day counts to its end
    #[arg(long, value_name = "DAY|TIME", value_parser = until)]
    messages_until: Option<Timestamp>,
}

/// What a run or a resume sends of the plan.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Which")]
pub(super) struct OnlyArgs {
    /// Only messages of these batches, numbered from 1; `deskferry status --batches` lists them
    #[arg(long, value_name = "N", value_delimiter = ',')]
    only_batch: Vec<u64>,
    #[command(flatten)]
    times: TimesArgs,
}

/// What a retry sends of the plan.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Which")]
pub(super) struct AgainArgs {
    /// Only what is not right yet in these batches, numbered as `deskferry status --batches` shows them
    #[arg(long, value_name = "N", value_delimiter = ',')]
    batch: Vec<u64>,
    /// Only messages with these causes, such as C3, as `deskferry status` and `deskferry errors` show them
    #[arg(long, value_name = "CODE", value_delimiter = ',', value_parser = cause)]
    cause: Vec<i64>,
    /// Only the message with this id of its own; may be given more than once
    #[arg(long, value_name = "ID")]
    message: Vec<String>,
    #[command(flatten)]
    times: TimesArgs,
}

/// The side effect that every update asks for.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Side effects")]
pub(super) struct ActionArgs {
    /// What Gorgias is to do, with each update, about external actions of the message that failed: try them again
    /// (retry), run the rest and send the message to its customer (force), or drop them and delete the message (cancel;
    /// only with --message, --cause or batches)
    #[arg(long, value_name = "retry|force|cancel", value_parser = actions(), hide_possible_values = true)]
    action: Option<Action>,
    /// That --action is meant: it does what no update does, and no undo takes it back
    #[arg(long)]
    allow_side_effects: bool,
}

/// What of the plan is to be sent.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) selection: Selection,
    pub(super) action: Option<Action>,
}

impl OnlyArgs {
    /// What it asks for, as far as that can be told without a plan.
    pub(super) fn wanted(&self, action: Option<&ActionArgs>, is_sample: bool) -> Result<Wanted, Failure> {
        let batches = self.only_batch.clone();
        wanted(Selection { batches, ..self.times.selection() }, action, is_sample)
    }

    /// Whether it asks for only a part of the plan.
    pub(super) fn is_everything(&self) -> bool {
        self.only_batch.is_empty() && self.times.selection().is_everything()
    }
}

impl AgainArgs {
    /// What it asks for, as far as that can be told without a plan.
    pub(super) fn wanted(&self, action: &ActionArgs, is_sample: bool) -> Result<Wanted, Failure> {
        let (batches, causes, messages) = (self.batch.clone(), self.cause.clone(), self.message.clone());
        wanted(Selection { batches, causes, messages, ..self.times.selection() }, Some(action), is_sample)
    }
}

impl TimesArgs {
    fn selection(&self) -> Selection {
        Selection { since: self.messages_since, until: self.messages_until, ..Selection::default() }
    }
}

impl ActionArgs {
    /// Whether nothing of it is given.
    pub(super) fn is_empty(&self) -> bool {
        self.action.is_none() && !self.allow_side_effects
    }
}

impl Wanted {
    /// Which rows of the plan that are.
    pub(super) fn which(&self) -> Which {
        if self.selection.is_everything() { Which::All } else { Which::Chosen }
    }

    /// The options that select it, behind the command `errand`.
    pub(super) fn selected(&self, errand: Errand) -> String {
        let batches = if errand == Errand::Retry { "--batch" } else { "--only-batch" };
        let Selection { batches: numbers, causes, messages, since, until } = &self.selection;
        let listed =
            |option: &str, list: Vec<String>| (!list.is_empty()).then(|| format!(" {option} {}", list.join(",")));
        let options = [
            listed(batches, numbers.iter().map(u64::to_string).collect()),
            listed("--cause", causes.iter().map(|cause| format!("C{cause}")).collect()),
            Some(typed(messages.iter().map(|id| ("--message", id)))),
            since.map(|at| format!(" --messages-since {at}")),
            until.map(|at| format!(" --messages-until {at}")),
        ];
        options.into_iter().flatten().collect()
    }

    /// The command `errand` with the options that ask for it.
    pub(super) fn typed(&self, errand: Errand) -> String {
        let action = self.action.map(|action| format!(" --action {} --allow-side-effects", action.word()));
        format!("{}{}{}", errand.word(), self.selected(errand), action.unwrap_or_default())
    }

    /// The command that goes on with it where `errand` was stopped, with its options.
    pub(super) fn goes_on(&self, errand: Errand) -> String {
        match errand {
            // What was put back has its cause no more.
            _ if !self.selection.causes.is_empty() => Errand::Resume.word().to_owned(),
            // No resume asks for a side effect.
            _ if self.action.is_some() => self.typed(Errand::Retry),
            Errand::Retry => self.typed(errand),
            Errand::Run | Errand::Resume => self.typed(Errand::Resume),
        }
    }
}

fn wanted(selection: Selection, action: Option<&ActionArgs>, is_sample: bool) -> Result<Wanted, Failure> {
    if selection.since.zip(selection.until).is_some_and(|(since, until)| since > until) {
        let message = "`--messages-since` is later than `--messages-until`: nothing is between them";
        return Err(Failure::usage(message, "both count, and a day counts whole"));
    }
    let action = action.map(|args| allowed(args, &selection, is_sample)).transpose()?.flatten();
    Ok(Wanted { selection, action })
}

/// The side effect, if everything stands beside it that has to.
fn allowed(args: &ActionArgs, selection: &Selection, is_sample: bool) -> Result<Option<Action>, Failure> {
    let Some(action) = args.action else {
        if args.allow_side_effects {
            let message = "`--allow-side-effects` allows nothing by itself";
            return Err(Failure::usage(
                message,
                "it stands beside --action; without one, updates have no side effects",
            ));
        }
        return Ok(None);
    };
    let word = action.word();
    if !args.allow_side_effects {
        let does = match action {
            Action::Retry => "tries the external actions of messages again",
            Action::Force => "sends messages to customers",
            Action::Cancel => "deletes messages in Gorgias",
        };
        return Err(Failure::usage(
            format!("`--action {word}` {does}, which no undo takes back"),
            "if that is meant, say --allow-side-effects, too; nothing was sent",
        ));
    }
    let names = !(selection.batches.is_empty() && selection.causes.is_empty() && selection.messages.is_empty());
    if action == Action::Cancel && !names {
        return Err(Failure::usage(
            "`--action cancel` deletes messages: it has to be said which",
            "retry takes --message ID, --cause CODE and --batch N, run takes --only-batch N; nothing was sent",
        ));
    }
    if is_sample {
        return Err(Failure::usage(
            format!("`--action {word}` can't go with --sample, which looks for what no update does by itself"),
            "retry --message ID tries it on one message; nothing was sent",
        ));
    }
    Ok(Some(action))
}

fn actions() -> impl TypedValueParser<Value = Action> {
    // The parser lets nothing else through.
    PossibleValuesParser::new(Action::ALL.map(Action::word))
        .try_map(|word| Action::from_word(&word).ok_or_else(|| format!("`{word}` is no action")))
}

/// Reads `C3`, or `3`.
fn cause(text: &str) -> Result<i64, String> {
    let number = text.strip_prefix(['C', 'c']).unwrap_or(text);
    number.parse().map_err(|_| format!("`{text}` is no code of a cause: these are C1, C2, …"))
}

fn since(text: &str) -> Result<Timestamp, String> {
    moment(text, |day| Some(day.to_zoned(TimeZone::system()).ok()?.timestamp()))
}

fn until(text: &str) -> Result<Timestamp, String> {
    // The last microsecond of the day: times of messages are no finer.
    let end = |day: Date| {
        let next = day.tomorrow().ok()?.to_zoned(TimeZone::system()).ok()?;
        next.timestamp().checked_sub(SignedDuration::from_micros(1)).ok()
    };
    moment(text, end)
}

/// Reads a time with its zone, or a day, which stands for the moment that `of_day` says.
fn moment(text: &str, of_day: impl Fn(Date) -> Option<Timestamp>) -> Result<Timestamp, String> {
    let day = Date::strptime("%Y-%m-%d", text).ok().and_then(of_day);
    day.or_else(|| text.parse().ok()).ok_or_else(|| {
        format!(
            "`{text}` is no day (2024-05-31, as it is where you are) and no time with its zone (2024-05-31T10:00:00Z)"
        )
    })
}
