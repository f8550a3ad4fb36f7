import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { mergeMessage, messageText, type SquashedCommit, squashMessage } from './merge-message.ts';
import { defaultSettings, type RepositorySettings } from './repository.ts';

const pull = { number: 7, title: 'Add a thing', body: 'Because.\r\n\r\n- one\r\n', head: 'dev/topic' };
const ann = { name: 'Ann', email: 'ann@example.com' };
const bob = { name: 'Bob', email: 'bob@example.com' };

function settings(changes: Partial<RepositorySettings> = {}): RepositorySettings {
  return { ...defaultSettings, ...changes };
}

function commit(message: string, author = ann): SquashedCommit {
  return { message, author };
}

describe('the message of a merge commit', () => {
  test('names the pull request and its head, and says its title, unless the repository says otherwise', () => {
    assert.deepEqual(mergeMessage(pull, settings()), { title: 'Merge pull request #7 from dev/topic', body: 'Add a thing' });
  });

  test('is the title and text of the pull request, or nothing more than a title', () => {
    assert.deepEqual(mergeMessage(pull, settings({ mergeCommitTitle: 'PR_TITLE', mergeCommitMessage: 'PR_BODY' })), {
      title: 'Add a thing (#7)',
      body: 'Because.\n\n- one',
    });
    assert.equal(mergeMessage(pull, settings({ mergeCommitMessage: 'BLANK' })).body, '');
    assert.equal(mergeMessage({ ...pull, body: null }, settings({ mergeCommitMessage: 'PR_BODY' })).body, '');
  });
});

describe('the message of a squash', () => {
  test('of one commit is that of the commit', () => {
    const message = squashMessage(pull, [commit('First line\n\nWhy.\n\n\n\nMore.\n')], ann, settings());
    assert.deepEqual(message, { title: 'First line (#7)', body: 'Why.\n\n\n\nMore.' });
  });

  test('of several commits is the title of the pull request, and a list of them', () => {
    const message = squashMessage(
      pull,
      [commit('One\n\nWhy one.\n'), commit('Two\n'), commit('Three\nwrapped\n\nWhy.\n')],
      ann,
      settings(),
    );
    assert.deepEqual(message, { title: 'Add a thing (#7)', body: '* One\n\nWhy one.\n\n* Two\n\n* Three wrapped\n\nWhy.' });
  });

  test('follows the settings of the repository', () => {
    const one = [commit('One\n\nWhy one.\n')];
    assert.equal(squashMessage(pull, one, ann, settings({ squashMergeCommitTitle: 'PR_TITLE' })).title, 'Add a thing (#7)');
    assert.equal(squashMessage(pull, one, ann, settings({ squashMergeCommitMessage: 'PR_BODY' })).body, 'Because.\n\n- one');
    assert.equal(squashMessage(pull, one, ann, settings({ squashMergeCommitMessage: 'BLANK' })).body, '');
  });

  test('names every other author once, and those whom commits name', () => {
    const commits = [
      commit('One', bob),
      commit('Two', { name: 'Robert', email: 'BOB@example.com' }),
      commit('Three\n\nco-authored-by: Cher <cher@example.com>\nCo-authored-by: Ann <ann@example.com>', ann),
    ];
    const { body } = squashMessage(pull, commits, ann, settings({ squashMergeCommitMessage: 'PR_BODY' }));
    assert.equal(body, 'Because.\n\n- one\n\n---------\n\nCo-authored-by: Bob <bob@example.com>\nCo-authored-by: Cher <cher@example.com>');
    assert.equal(
      squashMessage(pull, commits, ann, settings({ squashMergeCommitMessage: 'BLANK' })).body,
      'Co-authored-by: Bob <bob@example.com>\nCo-authored-by: Cher <cher@example.com>',
    );
  });

  test('keeps trailers that are there in one paragraph with those it adds', () => {
    const message = 'One\n\nWhy.\n\nSigned-off-by: Bob <bob@example.com>\nCo-authored-by: Cher <cher@example.com>\n';
    assert.equal(
      squashMessage(pull, [commit(message, bob)], ann, settings()).body,
      'Why.\n\nSigned-off-by: Bob <bob@example.com>\nCo-authored-by: Cher <cher@example.com>\nCo-authored-by: Bob <bob@example.com>',
    );
  });

  // Attack: line ends in a title or a name put a trailer where git looks for it.
  test('takes no trailer out of a title or a name', () => {
    const evil = 'x\n\nSigned-off-by: Ann <ann@example.com>';
    const title = mergeMessage({ ...pull, title: evil }, settings({ mergeCommitTitle: 'PR_TITLE', mergeCommitMessage: 'BLANK' }));
    assert.equal(messageText(title), 'x Signed-off-by: Ann <ann@example.com> (#7)\n');
    const { body } = squashMessage(pull, [commit('One', { name: 'x\nReviewed-by: y', email: 'e@example.com' })], ann, settings());
    assert.equal(body, 'Co-authored-by: x Reviewed-by: y <e@example.com>');
  });

  test('is text that git takes: a title, an empty line, the rest', () => {
    assert.equal(messageText({ title: 'One (#7)', body: 'Why.' }), 'One (#7)\n\nWhy.\n');
    assert.equal(messageText({ title: 'One (#7)', body: '' }), 'One (#7)\n');
    assert.equal(squashMessage(pull, [commit('\n\n'), commit('Zero\0byte')], ann, settings()).body, '* \n\n* Zerobyte');
  });
});
