//! A private PostgreSQL server.

use std::fs::{self, File};
use std::io::{self, Write};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::Duration;

/// A PostgreSQL server of the test's own: on a free port of this machine, in a temporary folder, without privileges.
///
/// It ends and its folder goes when the value is dropped or the test's process ends, however it ends: a shell between
/// the two waits for the end of a pipe.
#[derive(Debug)]
pub struct PostgresServer {
    programs: PathBuf,
    account: Option<(u32, u32)>,
    folder: PathBuf,
    port: u16,
    guard: Option<Child>,
}

impl PostgresServer {
    /// The user and owner of everything, and its password.
    pub const USER: &str = "shop";
    /// The user's password.
    pub const PASSWORD: &str = "SECRET_MARKER";

    /// The one server that the tests of this process share.
    ///
    /// # Panics
    ///
    /// If it cannot be started.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<PostgresServer> = OnceLock::new();
        SHARED.get_or_init(|| Self::start_with_tls().expect("PostgreSQL starts"))
    }

    /// Makes a new server and starts it.
    ///
    /// # Errors
    ///
    /// If PostgreSQL is not installed, or does not start.
    pub fn start() -> io::Result<Self> {
        let mut server = Self::make()?;
        server.resume()?;
        Ok(server)
    }

    /// The same, and it speaks TLS too, with a certificate of [`authority`](Self::authority).
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub fn start_with_tls() -> io::Result<Self> {
        let mut server = Self::make()?;
        for (name, bytes) in [("server.crt", CERTIFICATE), ("server.key", KEY)] {
            let file = server.folder.join("data").join(name);
            fs::write(&file, bytes)?;
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
            if let Some((user, group)) = server.account {
                chown(&file, Some(user), Some(group))?;
            }
        }
        let mut configuration =
            File::options().append(true).open(server.folder.join("data/postgresql.conf"))?;
        writeln!(configuration, "ssl = on")?;
        server.resume()?;
        Ok(server)
    }

    /// The certificate of the authority that signed the server's own.
    #[must_use]
    pub fn authority() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/tls/authority.pem"))
    }

    fn make() -> io::Result<Self> {
        let programs = programs()?;
        let folder = tempfile::Builder::new().prefix("fps-postgres-").tempdir()?.keep();
        let account = if folder.metadata()?.uid() == 0 { Some(unprivileged()?) } else { None };
        if let Some((user, group)) = account {
            chown(&folder, Some(user), Some(group))?;
        }
        let server = Self { programs, account, folder, port: 0, guard: None };
        server.initialise()?;
        Ok(server)
    }

    /// The address of a database.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{}:{}@127.0.0.1:{}/{database}", Self::USER, Self::PASSWORD, self.port)
    }

    /// The server's port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The folder of everything that is the server's; its owner is who the server runs as.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs SQL in a database and gives back what it printed.
    ///
    /// # Errors
    ///
    /// If the server refuses; the message is its own.
    pub fn sql(&self, database: &str, sql: &str) -> io::Result<String> {
        output(Command::new(self.programs.join("psql")).args([
            "--no-psqlrc",
            "--quiet",
            "--tuples-only",
            "--no-align",
            "--set=ON_ERROR_STOP=1",
            &format!("--dbname={}", self.url(database)),
            &format!("--command={sql}"),
        ]))
    }

    /// Makes an empty database.
    ///
    /// # Errors
    ///
    /// If the server refuses.
    pub fn create_database(&self, name: &str) -> io::Result<()> {
        self.sql("postgres", &format!("CREATE DATABASE {name}")).map(drop)
    }

    /// Kills the server and all of its processes at once, as a power cut would.
    ///
    /// # Errors
    ///
    /// If its processes cannot be found.
    pub fn kill(&mut self) -> io::Result<()> {
        let postmaster = fs::read_to_string(self.folder.join("data/postmaster.pid"))?;
        let postmaster = postmaster.lines().next().unwrap_or_default().to_owned();
        let children = fs::read_to_string(format!("/proc/{postmaster}/task/{postmaster}/children"))?;
        // The postmaster first, so that it restarts none of the others.
        output(Command::new("kill").arg("-9").arg(&postmaster).args(children.split_whitespace()))?;
        self.kept(|server| {
            server.release();
            Ok(())
        })
    }

    /// Starts the server that was killed.
    ///
    /// # Errors
    ///
    /// If it does not start.
    pub fn resume(&mut self) -> io::Result<()> {
        if self.port == 0 {
            self.port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        }
        self.kept(Self::try_to_start)
    }

    /// Does it while the folder stays, whatever becomes of the shell.
    fn kept(&mut self, work: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        let keep = self.folder.join("keep");
        fs::write(&keep, "")?;
        let done = work(self);
        fs::remove_file(&keep)?;
        done
    }

    fn try_to_start(&mut self) -> io::Result<()> {
        // A killed server's last processes may still hold its memory, and then it refuses for a moment.
        for _ in 0..STARTS {
            self.guard = Some(self.guarded()?);
            for _ in 0..TRIES {
                if self.is_ready() {
                    return Ok(());
                }
                sleep(STEP);
                if self.has_ended() {
                    break;
                }
            }
            self.release();
        }
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        Err(io::Error::other(format!("PostgreSQL does not start: {log}")))
    }

    fn initialise(&self) -> io::Result<()> {
        let password = self.folder.join("password");
        fs::write(&password, Self::PASSWORD)?;
        let initdb = |more: &[&str]| {
            output(
                self.command(&self.programs.join("initdb"))
                    .arg("-D")
                    .arg(self.folder.join("data"))
                    .args(["--username", Self::USER, "--auth=scram-sha-256", "--encoding=UTF8", "--no-sync"])
                    .arg(format!("--pwfile={}", password.display()))
                    .args(more),
            )
        };
        // Where it can be had, a language's order of text: in it, an order by bytes must be asked for.
        initdb(&["--locale-provider=icu", "--icu-locale=en-US", "--locale=C.UTF-8"])
            .or_else(|_| initdb(&["--locale=C.UTF-8"]))
            .map(drop)
    }

    /// A shell that runs the server until its input ends.
    fn guarded(&self) -> io::Result<Child> {
        self.command(Path::new("/bin/sh"))
            .args(["-c", GUARD])
            .arg(&self.folder)
            .arg(self.programs.join("postgres"))
            .arg(self.port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
    }

    fn is_ready(&self) -> bool {
        let port = self.port.to_string();
        let asked = Command::new(self.programs.join("pg_isready"))
            .args(["--quiet", "--host=127.0.0.1", "--port", &port])
            .status();
        asked.is_ok_and(|status| status.success())
    }

    fn has_ended(&mut self) -> bool {
        self.guard.as_mut().is_none_or(|guard| matches!(guard.try_wait(), Ok(Some(_))))
    }

    /// Ends the pipe and waits for the shell to have cleared up.
    fn release(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            drop(guard.stdin.take());
            let _ = guard.wait();
        }
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.folder).env("LC_ALL", "C.UTF-8");
        if let Some((user, group)) = self.account {
            command.uid(user).gid(group);
        }
        command
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.release();
    }
}

/// Where PostgreSQL's programs are: on the path, or where Debian keeps the latest version.
fn programs() -> io::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let whole = |folder: &PathBuf| {
        ["initdb", "pg_isready", "postgres", "psql"].iter().all(|program| folder.join(program).exists())
    };
    let on_path = std::env::split_paths(&path).find(whole);
    let version = |folder: &PathBuf| folder.parent()?.file_name()?.to_str()?.parse::<u32>().ok();
    let debian = || {
        let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
        let folders = versions.flatten().map(|entry| entry.path().join("bin"));
        folders.filter(whole).max_by_key(version)
    };
    on_path.or_else(debian).ok_or_else(|| {
        io::Error::new(io::ErrorKind::NotFound, "PostgreSQL is not installed; `apt-get install postgresql`")
    })
}

/// PostgreSQL refuses to run as root; an account that may do nothing, by its numbers.
fn unprivileged() -> io::Result<(u32, u32)> {
    let accounts = fs::read_to_string("/etc/passwd")?;
    let find = |name: &str| {
        let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut numbers = line.split(':').skip(2).map_while(|field| field.parse().ok());
        Some((numbers.next()?, numbers.next()?))
    };
    find("postgres")
        .or_else(|| find("nobody"))
        .ok_or_else(|| io::Error::other("there is no account to run PostgreSQL as"))
}

fn output(command: &mut Command) -> io::Result<String> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else {
        Err(io::Error::other(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
    }
}

const CERTIFICATE: &[u8] = include_bytes!("../testdata/tls/server.pem");
const KEY: &[u8] = include_bytes!("../testdata/tls/server.key");
const STARTS: u32 = 5;
const TRIES: u32 = 600;
const STEP: Duration = Duration::from_millis(50);

/// Arguments: the folder as `$0`, the server's program, its port. When the server ends first, so does the shell, at once.
const GUARD: &str = r#"
"$1" -D "$0/data" -p "$2" -c listen_addresses=127.0.0.1 -c unix_socket_directories="$0" -c max_connections=200 \
    >>"$0/log" 2>&1 </dev/null &
server=$!
{ while kill -0 $server; do sleep 0.2; done; kill $$; } 2>/dev/null >/dev/null </dev/null &
watch=$!
trap 'exit 1' TERM
read -r _
kill $watch
kill -INT $server && wait $server
[ -e "$0/keep" ] || { cd /; rm -rf "$0"; }
"#;
