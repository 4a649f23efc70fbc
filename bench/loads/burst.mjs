import { leave, open } from '../connection.mjs';
import { frameReader, opcodes, textFrames } from '../frames.mjs';
import { gauge } from '../gauge.mjs';

/**
 * One connection sends all messages at once. The flow counts them, checks their order, and answers after the last;
 * then the next burst follows. The first ones are a warm-up and are not measured.
 */
export async function burst({ target, messages, size, seconds, warmup, timeoutMs }) {
  const frames = textFrames(messages, size);
  let answered;
  const read = frameReader(({ opcode, payload: data }) => {
    const isReport = opcode === opcodes.text;
    answered?.(isReport ? JSON.parse(data.toString()) : { count: 0, problem: 'the connection ended' });
  });
  const socket = await open(target, read);
  socket.once('close', () => answered?.({ count: 0, problem: 'the connection ended' }));
  const once = async () => {
    const report = await new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`The last message of a burst did not arrive within ${timeoutMs / 1000} s.`)),
        timeoutMs,
      );
      answered = (answer) => {
        clearTimeout(timer);
        answered = undefined;
        resolve(answer);
      };
      socket.write(frames);
    });
    if (report.problem || report.count !== messages) {
      throw new Error(`Of ${messages} messages the flow got ${report.count}${report.problem ? `: ${report.problem}` : ''}.`);
    }
    return report.ms;
  };
  const during = async (time) => {
    const end = performance.now() + time * 1000;
    const times = [await once()];
    while (performance.now() < end) times.push(await once());
    return times;
  };
  await during(warmup);
  const used = gauge(target);
  const times = await during(seconds);
  const measured = used();
  await leave(socket);
  const inFlow = times.reduce((sum, ms) => sum + ms, 0) / 1000;
  return { count: times.length * messages, ...measured, seconds: inFlow };
}
