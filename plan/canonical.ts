/** Values in the spelling in which the Docker provider reads them back: any other shows as a change in every preview. */

/** Seconds as Go prints a duration: `1m0s`, never `60s`. @throws {RangeError} for anything but a whole number */
export function goDuration(seconds: number): string {
  if (!Number.isInteger(seconds) || seconds < 0) throw new RangeError(`a duration is a whole number of seconds, not ${seconds}`);
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor((seconds % 3_600) / 60);
  return `${hours > 0 ? `${hours}h` : ""}${hours > 0 || minutes > 0 ? `${minutes}m` : ""}${seconds % 60}s`;
}

/**
 * Cores as the provider prints them: `1.0`, `0.25`, but `10.`.
 *
 * @throws {RangeError} for a number that it rounds as it reads, as 0.05 and 30.01: every preview would replace the container
 */
export function cpuText(cpus: number): string {
  const digits = cpus.toFixed(9);
  // terraform-provider-docker, internal/provider/helpers.go, nanoInt64ToDecimalString.
  const text = digits.split("0").length - 1 === 9 ? cpus.toFixed(1) : digits.replace(/0+$/, "");
  if (Number(text) !== cpus) throw new RangeError(`the Docker provider reads ${cpus} cores back as ${text}: use a number of one or two digits`);
  return text;
}
