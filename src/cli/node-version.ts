/** The oldest Node that the program runs on, and the sentence for an older one. */
const oldest = { major: 22, minor: 12 } as const;

/** One line for a person whose Node is too old; undefined if it is new enough. */
export function nodeVersionProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > oldest.major || (major === oldest.major && minor >= oldest.minor)) return undefined;
  return (
    `Node ${version} is too old: Node ${oldest.major}.${oldest.minor} or newer is needed. ` +
    'Run "npm run setup" in the project folder, which brings its own, or install a newer Node.'
  );
}
