// Sequence numbers at the start of a payload, four characters of 64. They show that no message was lost, doubled or
// reordered. CommonJS, since a node of the benchmark's flows uses it too.
const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const values = new Uint8Array(128);
for (let value = 0; value < 64; value++) values[digits.charCodeAt(value)] = value;

/** The count of numbers. */
exports.limit = 64 ** 4;

exports.write = (number) => [18, 12, 6, 0].map((shift) => digits[(number >>> shift) & 63]).join('');

/** Returns the number of a text. */
exports.read = (text) =>
  (values[text.charCodeAt(0) & 127] << 18) |
  (values[text.charCodeAt(1) & 127] << 12) |
  (values[text.charCodeAt(2) & 127] << 6) |
  values[text.charCodeAt(3) & 127];

/** Returns the number of a payload that begins at this position. */
exports.readBytes = (bytes, at) =>
  (values[bytes[at] & 127] << 18) | (values[bytes[at + 1] & 127] << 12) | (values[bytes[at + 2] & 127] << 6) | values[bytes[at + 3] & 127];

/**
 * Counts the arriving messages of a burst, 0 to total − 1.
 *
 * @returns a function that takes each text, and returns a report at the last message, otherwise nothing.
 */
exports.burstCounter = (total) => {
  let count = 0;
  let start = 0;
  let problem;
  return (text) => {
    if (count === 0) start = performance.now();
    const number = exports.read(text);
    if (number !== count) problem ??= `message ${count} was due in the flow, and message ${number} came`;
    count++;
    if (number !== total - 1) return undefined;
    const report = { count, ms: performance.now() - start, problem };
    count = 0;
    problem = undefined;
    return report;
  };
};
