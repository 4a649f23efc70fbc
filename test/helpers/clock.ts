import { install } from '@sinonjs/fake-timers';
import { onTeardown } from './teardown';

/** Timers that run when the test says so. Sockets keep the real time: they do not use these four. */
export function fakeClock() {
  const clock = install({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  onTeardown(() => clock.uninstall(), 'clock');
  return clock;
}
