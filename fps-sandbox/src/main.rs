//! The sandbox as a program.
#![forbid(unsafe_code)]

use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use fps_core::Credentials;
use fps_sandbox::{Sandbox, ServiceKey, people};
use tokio::net::TcpListener;
use url::Url;

/// A faithful local Amazon Flexible Payments Service: API, buyer pages, accounts and ledger.
///
/// No money moves, and nothing leaves this machine.
#[derive(Debug, Parser)]
#[command(version, name = "fps-sandbox")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves the API, the buyer pages, the account pages and the control page on one port.
    ///
    /// It is plain HTTP by design. Where TLS is wanted, put a proxy in front and name its address by --public-url.
    Serve(Serve),
}

#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
struct Serve {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8081")]
    listen: SocketAddr,
    /// Keep everything in this file: append-only, made if it is not there, whole after a kill at any moment. Accounts, tokens,
    /// transactions, notices, buyers under way and the fault script come back. In memory unless given.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Open a business account with this key pair; may be given several times.
    #[arg(long, value_name = "KEY:SECRET", value_parser = credentials)]
    caller: Vec<Credentials>,
    /// Open a buyer's account: 100 dollars, a bank account and a card; the password is what stands before the @.
    #[arg(long, value_name = "EMAIL")]
    buyer: Vec<String>,
    /// The address that clients use, when it is not the one listened on.
    #[arg(long, value_name = "URL")]
    public_url: Option<Url>,
    /// Where certificateUrl points, such as https://fps.sandbox.amazonaws.com/: old verifiers accept only the FPS hosts.
    #[arg(long, value_name = "URL")]
    certificate_base: Option<Url>,
    /// The RSA key that signs returns, in PKCS#8 PEM; made if the file is not there. A test key that everybody has unless
    /// given.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Refuse also what the service merely may have refused: charges that do not add up, links without version or with names
    /// in other letters, unsigned VerifySignature, addresses on localhost.
    #[arg(long)]
    strict: bool,
    /// Let notices leave this machine; they go to loopback only unless this is set. Plain http only.
    #[arg(long)]
    notices_anywhere: bool,
    /// Let amounts with 6 or 7 as their first decimal fail, as in Amazon's own sandbox. Not in version 2007-01-08.
    #[arg(long)]
    simulate_amounts: bool,
    /// Of version 2007-01-08: take symbols of GateKeeper rules that are not known for assertions that hold.
    #[arg(long)]
    permissive_rules: bool,
    /// Of version 2007-01-08: percent-encode awsSignature in returns, which the service did not.
    #[arg(long)]
    encode_aws_signature: bool,
}

const EXAMPLES: &str = "\
Examples:
  A service for tests, gone when it ends:
      fps-sandbox serve
  One that a shop's developers keep, with a caller of their own:
      fps-sandbox serve --data fps.data --caller MYKEY:my-secret --buyer ann@example.com
  One for an old client that signs and verifies the real hosts' names, behind a proxy that ends TLS:
      fps-sandbox serve --public-url https://fps.sandbox.amazonaws.com/ \\
          --certificate-base https://fps.sandbox.amazonaws.com/

Then open the control page: it shows every request, what was decided and why, and has the levers: clock, faults, notices,
accounts, subscriptions. The same levers take JSON by POST.";

#[tokio::main]
async fn main() -> ExitCode {
    let Command::Serve(options) = Arguments::parse().command;
    match serve(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut message = format!("fps-sandbox: {error}");
            let mut cause = error.source();
            while let Some(next) = cause {
                message.push_str(&format!(": {next}"));
                cause = next.source();
            }
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(options: Serve) -> Result<(), Box<dyn Error>> {
    let mut builder = Sandbox::builder()
        .strict(options.strict)
        .simulate_amounts(options.simulate_amounts)
        .permissive_rules(options.permissive_rules)
        .encode_aws_signature(options.encode_aws_signature)
        .notices_anywhere(options.notices_anywhere);
    if let Some(url) = options.public_url {
        builder = builder.url(url)?;
    }
    if let Some(base) = options.certificate_base {
        builder = builder.certificate_base(base);
    }
    if let Some(path) = options.key {
        builder = builder.service_key(key(&path)?);
    }
    for credentials in &options.caller {
        builder = builder.caller(credentials);
    }
    for email in &options.buyer {
        builder = builder.buyer(email);
    }
    let sandbox = match &options.data {
        Some(path) => builder.open(path)?,
        None => builder.build(),
    };
    let listener = TcpListener::bind(options.listen).await.map_err(|error| {
        format!("cannot listen at {}: {error}; another address is given by --listen", options.listen)
    })?;
    sandbox.listen_at(listener.local_addr()?);
    announce(&sandbox);
    tokio::select! {
        ended = sandbox.serve(listener) => Ok(ended?),
        _ = tokio::signal::ctrl_c() => Ok(()),
    }
}

fn announce(sandbox: &Sandbox) {
    let url = sandbox.url();
    println!("fps-sandbox serves at {url}");
    println!("  API            {url}");
    println!("  buyer pages    {}", sandbox.endpoint().pages());
    println!("  account pages  {url}account");
    println!("  control page   {url}sandbox");
    println!("A client must set:");
    println!("  endpoint       {url}");
    println!("  access key     {}", people::SHOP_ACCESS_KEY);
    println!("  secret key     {}", people::SHOP_SECRET_KEY);
    println!("A buyer signs in as {} with the password john.", people::JOHN);
}

/// The key in the file; a new one, stored there, if there is no file.
fn key(path: &PathBuf) -> Result<ServiceKey, Box<dyn Error>> {
    let file = format!("--key {}", path.display());
    match std::fs::read_to_string(path) {
        Ok(pem) => ServiceKey::from_pem(&pem).map_err(|error| format!("{file}: {error}").into()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let key = ServiceKey::generate()?;
            write_private(path, &key.expose_secret_pem()?)
                .map_err(|error| format!("{file} cannot be written: {error}"))?;
            Ok(key)
        }
        Err(error) => Err(format!("{file} cannot be read: {error}").into()),
    }
}

/// Writes a file that nobody else may read.
fn write_private(path: &PathBuf, text: &str) -> std::io::Result<()> {
    use std::io::Write;

    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

fn credentials(text: &str) -> Result<Credentials, String> {
    match text.split_once(':') {
        Some((key, secret)) if !key.is_empty() && !secret.is_empty() => Ok(Credentials::new(key, secret)),
        _ => Err("expected an access key id, a colon and a secret key".to_owned()),
    }
}
