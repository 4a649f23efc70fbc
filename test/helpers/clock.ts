import { install } from '@sinonjs/fake-timers';
import { onTeardown } from './teardown';

/**
 * Fakes timers, which run on demand of the test. Sockets keep the real time: they do not use these four.
 *
 * @param withPerformance `performance.now()` follows this clock too.
 */
export function fakeClock({ withPerformance = false } = {}) {
  const clock = install({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', ...(withPerformance ? (['performance'] as const) : [])],
  });
  onTeardown(() => clock.uninstall(), 'clock');
  return clock;
}
