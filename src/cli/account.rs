//! From arguments and the environment to an account and its credentials.

use std::env;
use std::fs;
use std::path::Path;

use secrecy::SecretString;

use super::args::AccountArgs;
use super::failure::Failure;
use crate::gorgias::{Account, Credentials};

/// Where updates go.
#[derive(Debug, Clone)]
pub(super) enum Destination {
    /// The simulator inside this process.
    Simulator,
    /// An account, or a server that stands for one.
    Account(Account),
}

impl Destination {
    /// The name that a checkpoint is pinned to and an operator confirms.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Simulator => "simulator",
            Self::Account(account) => account.name(),
        }
    }

    /// The origin that a checkpoint is pinned to; the simulator inside has another one each time.
    pub(super) fn origin(&self) -> &str {
        match self {
            Self::Simulator => "",
            Self::Account(account) => account.origin(),
        }
    }

    /// Whether no customer can be behind it.
    pub(super) fn is_loopback(&self) -> bool {
        match self {
            Self::Simulator => true,
            Self::Account(account) => account.is_loopback(),
        }
    }

    /// The destination that a checkpoint was made for.
    pub(super) fn of_pins(name: &str, origin: &str) -> Result<Self, Failure> {
        if name == "simulator" && origin.is_empty() {
            return Ok(Self::Simulator);
        }
        let account = if origin == format!("https://{name}.gorgias.com") {
            Account::of_domain(name)?
        } else {
            Account::of_base_url(origin)?
        };
        Ok(Self::Account(account))
    }
}

/// The destination that the arguments and the environment name; `None` where they name none.
pub(super) fn destination(args: &AccountArgs) -> Result<Option<Destination>, Failure> {
    if args.simulate {
        return Ok(Some(Destination::Simulator));
    }
    if let Some(url) = &args.base_url {
        return Ok(Some(Destination::Account(Account::of_base_url(url)?)));
    }
    match variable("GORGIAS_DOMAIN") {
        Some(domain) => Ok(Some(Destination::Account(Account::of_domain(&domain)?))),
        None => Ok(None),
    }
}

/// The same, where there must be one.
pub(super) fn needed_destination(args: &AccountArgs) -> Result<Destination, Failure> {
    destination(args)?.ok_or_else(|| {
        Failure::usage(
            "no account is named",
            "set GORGIAS_DOMAIN, GORGIAS_EMAIL and GORGIAS_API_KEY; to rehearse, --simulate, or --base-url of a simulator",
        )
    })
}

/// The credentials for `account`: needed for a real one, sent to a loopback server where there are any.
pub(super) fn credentials(account: &Account, args: &AccountArgs) -> Result<Option<Credentials>, Failure> {
    let key = match &args.api_key_file {
        Some(file) => Some(read_key(file)?),
        None => match variable("GORGIAS_ACCESS_TOKEN") {
            Some(token) => return Ok(Some(Credentials::Token(token.into()))),
            None => variable("GORGIAS_API_KEY").map(SecretString::from),
        },
    };
    match (variable("GORGIAS_EMAIL"), key) {
        (Some(email), Some(key)) => Ok(Some(Credentials::ApiKey { email, key })),
        _ if account.is_loopback() => Ok(None),
        (email, key) => {
            let missing = match (email, key) {
                (None, None) => "GORGIAS_EMAIL and GORGIAS_API_KEY are not set",
                (None, _) => "GORGIAS_EMAIL is not set",
                (_, _) => "GORGIAS_API_KEY is not set",
            };
            Err(Failure::usage(
                format!("no credentials for {}: {missing}", account.name()),
                "Gorgias shows both under Settings, REST API; set them in the environment (the key may be in a file: --api-key-file)",
            ))
        }
    }
}

fn read_key(file: &Path) -> Result<SecretString, Failure> {
    let text = fs::read_to_string(file)
        .map_err(|error| wrong_key_file(format!("the key file {} can't be read: {error}", file.display())))?;
    let key = text.trim();
    if key.is_empty() || key.lines().count() > 1 {
        return Err(wrong_key_file(format!("the key file {} holds no key", file.display())));
    }
    Ok(key.to_owned().into())
}

fn wrong_key_file(message: String) -> Failure {
    Failure::usage(message, "--api-key-file names a file with the key and nothing else, which you may read")
}

/// A variable of the environment; a blank one counts as not set.
pub(super) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}
