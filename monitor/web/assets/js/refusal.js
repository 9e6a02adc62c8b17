// What is said where something that was pressed did not happen.

/** `did` and `again` as in "it is not known whether it is muted", "mute again". */
export function refusalText(result, did, again) {
  if (result.kind === "signed_out") return `You are signed out: load the page anew, sign in, and ${again} again.`;
  const { problem } = result;
  if (!problem) return `No answer came: it is not known whether it is ${did}. Try again.`;
  return [problem.detail ?? problem.title ?? "refused", problem.remedy].filter(Boolean).join(". ");
}
