import { createUser } from '#operations/accounts/create-user.ts';
import { type Command, UsageError } from '../command.ts';

export const userCreate: Command = {
  name: 'user create',
  usage: 'NAME --email E [--admin] [--password-stdin]',
  summary: 'create a person',
  help: [
    '--email E           the address of the account; commits by it count as theirs',
    '--admin             a site admin',
    '--password-stdin    read a password for signing in on the web from standard input',
  ],
  flags: { email: 'string', admin: 'boolean', 'password-stdin': 'boolean' },
  attaches: { stdin: 'password-stdin' },
  positionals: { least: 1, most: 1 },
  async run(context, operator, { positionals, text, has, attached }, io) {
    const email = text('email');
    if (email === null) throw new UsageError('--email is needed');
    const password = has('password-stdin') ? (attached['stdin'] ?? '').replace(/\r?\n$/, '') : null;
    if (password === '') throw new UsageError('the password on standard input is empty');
    const user = await createUser(context, operator, { login: positionals[0]!, email, siteAdmin: has('admin'), password });
    io.out(`${user.login} (${user.id})\n`);
    return 0;
  },
};
