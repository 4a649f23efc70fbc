import { commands } from '../commands';
import type { Command } from '../commands/command';

/** A route that runs a command of one side. */
export interface CommandRoute {
  readonly command: Command;
  readonly side: 'client' | 'server';
  /** Without an id or a name it creates a socket. */
  readonly creates: boolean;
}

const sides = ['client', 'server'] as const;

/** The routes below the path of a bridge, each with its command: `client/send`, for example. */
export const commandRoutes: Readonly<Record<string, CommandRoute>> = Object.fromEntries(
  Object.entries(commands as Record<string, Command>).flatMap(([name, command]) => {
    const side = sides.find((each) => name.startsWith(`${each}-`));
    if (!side) return [];
    const verb = name.slice(side.length + 1);
    if (verb === 'connections') return [];
    const route: CommandRoute = { command, side, creates: verb === 'create' };
    return [[verb === 'create' ? side : `${side}/${verb}`, route]];
  }),
);

/** The other routes, with the methods that they accept. */
export const otherRoutes = {
  '': ['GET'],
  method: ['GET', 'POST'],
  owner: ['POST'],
  events: ['POST'],
  'openapi.json': ['GET'],
} as const satisfies Record<string, readonly string[]>;
export type OtherRoute = keyof typeof otherRoutes;

/** Returns the HTTP methods of a route, or `undefined` if there is no such route. */
export function methodsOf(route: string): readonly string[] | undefined {
  if (Object.hasOwn(commandRoutes, route)) return ['POST'];
  return Object.hasOwn(otherRoutes, route) ? otherRoutes[route as OtherRoute] : undefined;
}
