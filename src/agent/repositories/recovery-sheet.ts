/** The text that a person keeps outside this computer: all that is needed to get everything back without it. */
export interface RecoveryFacts {
  /** Folder or URL of the repository, without credentials. */
  readonly location: string;
  readonly password: string;
  readonly passwordFile: string;
  readonly written: Date;
}

export function recoverySheet({ location, password, passwordFile, written }: RecoveryFacts): string {
  return `CyberBackup recovery sheet
==========================

Keep a copy of this page outside this computer: on paper, or in a password manager.
Whoever has the repository and this password can read every file in it. Without the
password nobody can, and nobody can make a new one.

Repository   ${location}
Password     ${password}
Written      ${written.toISOString().slice(0, 10)}

To get files back
-----------------

With CyberBackup on this computer nothing needs to be typed but:

    cyberbackup snapshots
    cyberbackup restore latest --target FOLDER

With CyberBackup on another computer, after copying the repository folder there:

    cyberbackup --repo /path/to/repository restore latest --target FOLDER

Without CyberBackup: the repository is an ordinary restic repository, and restic
(https://restic.net, in the package manager of most systems) restores it, too:

    restic --repo /path/to/repository snapshots
    restic --repo /path/to/repository restore latest --target FOLDER

Both ask for the password above. On this computer it is stored in
${passwordFile}

This repository is on the same computer as your files. It brings back what was
deleted or changed; against theft and a broken disk it needs a copy elsewhere.
`;
}
