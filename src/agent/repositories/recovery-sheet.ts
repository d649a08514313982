/** The text that a person keeps outside this computer: all that is needed to get everything back without it. */
export interface RecoveryFacts {
  /** Folder or URL of the repository, without credentials. */
  readonly location: string;
  readonly password: string;
  /** Of the embedded repository; another one's password is in the secret store. */
  readonly passwordFile?: string;
  readonly written: Date;
}

export function recoverySheet({ location, password, passwordFile, written }: RecoveryFacts): string {
  const isEmbedded = passwordFile !== undefined;
  const elsewhere = isEmbedded ? '/path/to/repository' : `"${location}"`;
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
${isEmbedded ? withCyberBackupHere : ''}
With CyberBackup on another computer${isEmbedded ? ', after copying the repository folder there' : ''}:

    cyberbackup --repo ${elsewhere} restore latest --target FOLDER

Without CyberBackup: the repository is an ordinary restic repository, and restic
(https://restic.net, in the package manager of most systems) restores it, too:

    restic --repo ${elsewhere} snapshots
    restic --repo ${elsewhere} restore latest --target FOLDER

${isEmbedded ? onThisComputer(passwordFile) : signIn(location)}`;
}

const withCyberBackupHere = `
With CyberBackup on this computer nothing needs to be typed but:

    cyberbackup snapshots
    cyberbackup restore latest --target FOLDER
`;

function onThisComputer(passwordFile: string): string {
  return `Both ask for the password above. On this computer it is stored in
${passwordFile}

This repository is on the same computer as your files. It brings back what was
deleted or changed; against theft and a broken disk it needs a copy elsewhere.
`;
}

function signIn(location: string): string {
  if (!location.startsWith('rest:')) return 'Both ask for the password above.\n';
  return `Both ask for the password above. Where the server asks who you are, its user name and
password go into RESTIC_REST_USERNAME and RESTIC_REST_PASSWORD; they are not on this page.
`;
}
