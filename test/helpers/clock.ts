import { install } from '@sinonjs/fake-timers';
import { atEnd } from './teardown';

/** Timers that run when the test says so. Sockets keep the real time: they do not use these four. */
export function fakeClock() {
  const clock = install({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  atEnd(() => clock.uninstall(), 'clock');
  return clock;
}
