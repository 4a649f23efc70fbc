// Makes one animated PNG of several screenshots: after the first frame, each holds only the rectangle that has changed.
// https://www.w3.org/TR/png-3/ describes the chunks acTL, fcTL and fdAT. Browsers, GitHub and npm play it; other programs show the first frame.
import { deflateSync, inflateSync } from 'node:zlib';

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * @typedef {{ width: number, height: number, pixels: Buffer }} Picture its pixels have three bytes each: red, green, blue
 * @typedef {{ x: number, y: number, width: number, height: number }} Rectangle
 */

/**
 * @param {readonly { png: Buffer, ms: number }[]} frames screenshots of one size, and how long each is shown
 * @returns {Buffer} the animated PNG, which repeats for ever
 */
export function animate(frames) {
  const pictures = frames.map(({ png }) => decode(png));
  const [{ width, height }] = pictures;
  if (pictures.some((each) => each.width !== width || each.height !== height)) throw new Error('The frames have different sizes.');
  let sequence = 0;
  const control = ({ x, y, width, height }, ms) => {
    const data = Buffer.alloc(26);
    for (const [at, value] of [sequence++, width, height, x, y].entries()) data.writeUInt32BE(value, at * 4);
    data.writeUInt16BE(ms, 20);
    data.writeUInt16BE(1000, 22);
    return chunk('fcTL', data);
  };
  const parts = pictures.flatMap((picture, at) => {
    const area = at === 0 ? { x: 0, y: 0, width, height } : changed(pictures[at - 1], picture);
    const data = compressed(picture, area);
    const head = control(area, frames[at].ms);
    return [head, at === 0 ? chunk('IDAT', data) : chunk('fdAT', Buffer.concat([uint32(sequence++), data]))];
  });
  const header = Buffer.concat([uint32(width), uint32(height), Buffer.from([8, 2, 0, 0, 0])]);
  const count = Buffer.concat([uint32(frames.length), uint32(0)]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('acTL', count), ...parts, chunk('IEND', Buffer.alloc(0))]);
}

/**
 * Reads a PNG of 8 bits a channel, without interlacing, as browsers write it. Transparency is dropped.
 *
 * @param {Buffer} png
 * @returns {Picture}
 */
export function decode(png) {
  const chunks = chunksOf(png);
  const header = chunks.find(({ type }) => type === 'IHDR').data;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const channels = { 2: 3, 6: 4 }[header[9]];
  if (header[8] !== 8 || !channels || header[12] !== 0) throw new Error('The PNG has another format than that of a screenshot.');
  const bytes = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data)));
  const pixels = Buffer.alloc(width * height * 3);
  const stride = width * channels;
  let before = Buffer.alloc(stride);
  for (let y = 0; y < height; y++) {
    const start = y * (stride + 1);
    const line = unfilter(bytes[start], bytes.subarray(start + 1, start + 1 + stride), before, channels);
    for (let x = 0; x < width; x++) line.copy(pixels, (y * width + x) * 3, x * channels, x * channels + 3);
    before = line;
  }
  return { width, height, pixels };
}

/** @param {Buffer} png */
export function chunksOf(png) {
  if (!png.subarray(0, 8).equals(signature)) throw new Error('It is not a PNG.');
  const chunks = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) });
    at += length + 12;
  }
  return chunks;
}

/** Reverses the filter of a line (PNG, section 9). */
function unfilter(filter, line, before, channels) {
  const out = Buffer.from(line);
  for (let at = 0; at < out.length; at++) {
    const left = at >= channels ? out[at - channels] : 0;
    const up = before[at];
    const corner = at >= channels ? before[at - channels] : 0;
    out[at] += [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
  }
  return out;
}

function paeth(left, up, corner) {
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

/** Returns the smallest rectangle with all changes; one pixel if there is none. */
function changed(before, after) {
  const { width, height } = after;
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      if (before.pixels.compare(after.pixels, at, at + 3, at, at + 3) === 0) continue;
      [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
    }
  }
  return right < 0 ? { x: 0, y: 0, width: 1, height: 1 } : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/** Each line holds the difference to the one above, which compresses areas of one colour. */
function compressed({ pixels, width }, area) {
  const stride = area.width * 3;
  const lines = Buffer.alloc((stride + 1) * area.height);
  for (let y = 0; y < area.height; y++) {
    const from = ((area.y + y) * width + area.x) * 3;
    const to = y * (stride + 1);
    lines[to] = 2;
    for (let at = 0; at < stride; at++) lines[to + 1 + at] = pixels[from + at] - (y > 0 ? pixels[from + at - width * 3] : 0);
  }
  return deflateSync(lines, { level: 9, memLevel: 9 });
}

const uint32 = (value) => {
  const data = Buffer.alloc(4);
  data.writeUInt32BE(value);
  return data;
};

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  return Buffer.concat([uint32(data.length), body, uint32(crc(body))]);
}

const table = Uint32Array.from({ length: 256 }, (_, value) => {
  let rest = value;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? 0xedb88320 ^ (rest >>> 1) : rest >>> 1;
  return rest >>> 0;
});

function crc(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) sum = table[(sum ^ byte) & 0xff] ^ (sum >>> 8);
  return (sum ^ 0xffffffff) >>> 0;
}
