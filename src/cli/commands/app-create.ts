import { createApp } from '#operations/apps/create-app.ts';
import { installApp } from '#operations/apps/install-app.ts';
import { type Command, UsageError } from '../command.ts';

export const appCreate: Command = {
  name: 'app create',
  usage: 'SLUG --owner NAME [--name N] [--permission contents:write]… [--event push]… [--install NAME]…',
  summary: 'register an app and print its private key on standard output',
  help: [
    '--owner NAME        the account that owns it',
    '--name N            what it is called (default: the slug)',
    '--permission P:L    what it asks for, such as contents:write or statuses:write; may be repeated',
    '--event E           an event it wants to hear of; may be repeated',
    '--install NAME      install it on this account at once; may be repeated',
  ],
  flags: { owner: 'string', name: 'string', permission: 'list', event: 'list', install: 'list' },
  positionals: { least: 1, most: 1 },
  async run(context, operator, { positionals, text, list }, io) {
    const owner = text('owner');
    if (owner === null) throw new UsageError('--owner is needed');
    const [slug] = positionals as [string];
    const permissions = Object.fromEntries(list('permission').map(readPermission));
    const input = {
      slug,
      name: text('name') ?? slug,
      owner,
      description: null,
      externalUrl: context.server.publicUrl,
      permissions,
      events: list('event'),
    };
    const { app, privateKey } = await createApp(context, operator, input);
    for (const account of list('install')) {
      const { installation } = await installApp(context, operator, slug, account);
      io.err(`installed on ${account} as ${installation.id}\n`);
    }
    io.err(`app ${app.slug} has the id ${app.id}\n`);
    io.out(privateKey);
    return 0;
  },
};

function readPermission(text: string): [string, 'read' | 'write'] {
  const [name, level] = text.split(':');
  if (!name || (level !== 'read' && level !== 'write'))
    throw new UsageError(`--permission is NAME:read or NAME:write, not ${JSON.stringify(text)}`);
  return [name, level];
}
