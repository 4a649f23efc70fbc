import assert from 'node:assert/strict';
import { commandRoutes, methodsOf } from '../../../src/bridge/routes';

describe('routes', () => {
  it('the route of a side creates, and the others do not', () => {
    const creating = Object.entries(commandRoutes).flatMap(([route, { creates }]) => (creates ? [route] : []));
    assert.deepEqual(creating.sort(), ['client', 'server']);
  });

  it('each route runs a command of its side', () => {
    for (const [route, { side }] of Object.entries(commandRoutes)) assert.equal(route.split('/')[0], side);
    assert.deepEqual(
      ['client/start', 'client/send', 'server/start', 'server/send'].filter((route) => !commandRoutes[route]),
      [],
    );
  });

  for (const [route, methods] of [
    ['client/send', ['POST']],
    ['', ['GET']],
    ['method', ['GET', 'POST']],
    ['client/connections', undefined],
    ['__proto__', undefined],
    ['constructor', undefined],
  ] as const) {
    it(`${route || 'the empty route'} has ${methods?.join(' and ') ?? 'no methods'}`, () => assert.deepEqual(methodsOf(route), methods));
  }
});
