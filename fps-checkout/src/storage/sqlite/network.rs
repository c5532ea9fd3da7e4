//! Files that are not on this machine, where SQLite's locks cannot be trusted.

use std::path::{Path, PathBuf};

/// Logs a warning if the file lies on a network file system. Linux only: elsewhere nothing is known.
pub(super) fn warn_if_remote(file: &Path) {
    let Ok(mounts) = std::fs::read_to_string("/proc/self/mountinfo") else { return };
    if let Some(system) =
        absolute(file).and_then(|file| file_system(&mounts, &file)).filter(|name| is_remote(name))
    {
        tracing::warn!(
            file = %file.display(),
            system,
            "the store lies on a network file system, where locks may fail and records be lost; \
             use a local disk, or PostgreSQL"
        );
    }
}

/// The file's place with links followed; the file itself need not exist.
fn absolute(file: &Path) -> Option<PathBuf> {
    let file = std::path::absolute(file).ok()?;
    let folder = file.parent()?.canonicalize().ok()?;
    Some(folder.join(file.file_name()?))
}

/// The type of the file system that holds `file`, by the kernel's list of mounts.
///
/// A line reads `36 35 98:0 /root /mount/point options shared:1 - type source options`; spaces in the mount point are
/// written `\040`. Source: Linux, `Documentation/filesystems/proc.rst`, 3.5.
fn file_system<'m>(mounts: &'m str, file: &Path) -> Option<&'m str> {
    let mut best: Option<(usize, &str)> = None;
    for line in mounts.lines() {
        let Some((before, after)) = line.split_once(" - ") else { continue };
        let (Some(point), Some(system)) = (before.split(' ').nth(4), after.split(' ').next()) else {
            continue;
        };
        let point = point.replace("\\040", " ");
        // Of two mounts on one place the later hides the earlier.
        if file.starts_with(&point) && best.is_none_or(|(length, _)| point.len() >= length) {
            best = Some((point.len(), system));
        }
    }
    best.map(|(_, system)| system)
}

fn is_remote(system: &str) -> bool {
    REMOTE.contains(&system)
}

const REMOTE: &[&str] = &[
    "9p",
    "afs",
    "ceph",
    "cifs",
    "fuse.glusterfs",
    "fuse.s3fs",
    "fuse.sshfs",
    "gfs2",
    "lustre",
    "ncpfs",
    "nfs",
    "nfs4",
    "ocfs2",
    "smb3",
    "smbfs",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deepest_mount_says_where_a_file_lies() {
        let mounts = "\
            22 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n\
            30 22 0:40 / /srv rw - nfs4 server:/export rw\n\
            31 30 8:2 / /srv/local rw - xfs /dev/sdb1 rw\n\
            32 22 0:41 / /mnt/a\\040b rw - cifs //server/share rw\n\
            33 30 0:42 / /srv/twice rw - xfs /dev/sdc1 rw\n\
            34 33 0:43 / /srv/twice rw - nfs server:/x rw\n";
        for (file, system, remote) in [
            ("/var/shop.db", "ext4", false),
            ("/srv/shop.db", "nfs4", true),
            ("/srv/local/shop.db", "xfs", false),
            ("/srvlocal/shop.db", "ext4", false),
            ("/mnt/a b/shop.db", "cifs", true),
            ("/srv/twice/shop.db", "nfs", true),
        ] {
            assert_eq!(file_system(mounts, Path::new(file)), Some(system), "{file}");
            assert_eq!(is_remote(system), remote, "{file}");
        }
    }
}
