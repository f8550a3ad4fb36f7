/** What shows that an operation works, and that it refuses what it has to refuse. */
export interface SeedRow {
  /** As the published description calls it. */
  readonly operation: string;
  /** Where github.md describes it. */
  readonly section: string;
  readonly file: string;
  /** Test in which it is answered with success; the file fails if it never was. */
  readonly works: string;
  /** Test in which it is refused. */
  readonly refused: string;
}

const base = '/repos/{owner}/{repo}/branches/{branch}/protection';

export const seedTable: readonly SeedRow[] = [
  {
    operation: `GET ${base}`,
    section: '1.1.2',
    file: 'protection.test.ts',
    works: 'a protection with everything on is read as it was written, in the order of GitHub',
    refused: 'a branch that is not there cannot be protected',
  },
  {
    operation: `PUT ${base}`,
    section: '1.1.3',
    file: 'protection.test.ts',
    works: 'a protection with everything on is read as it was written, in the order of GitHub',
    refused: 'a body that lacks the four keys is refused and told all of them',
  },
  {
    operation: `DELETE ${base}`,
    section: '1.1.4',
    file: 'protection.test.ts',
    works: 'a deleted protection is gone, its demand for signatures too',
    refused: 'a branch that is not there cannot be protected',
  },
  {
    operation: `GET ${base}/enforce_admins`,
    section: '1.1.5',
    file: 'protection-switches.test.ts',
    works: 'enforce_admins is read, switched on and switched off',
    refused: 'enforce_admins of a branch without protection, or of no branch, is not there',
  },
  {
    operation: `POST ${base}/enforce_admins`,
    section: '1.1.5',
    file: 'protection-switches.test.ts',
    works: 'enforce_admins is read, switched on and switched off',
    refused: 'enforce_admins of a branch without protection, or of no branch, is not there',
  },
  {
    operation: `DELETE ${base}/enforce_admins`,
    section: '1.1.5',
    file: 'protection-switches.test.ts',
    works: 'enforce_admins is read, switched on and switched off',
    refused: 'enforce_admins of a branch without protection, or of no branch, is not there',
  },
  {
    operation: `GET ${base}/required_pull_request_reviews`,
    section: '1.1.6',
    file: 'protection-reviews.test.ts',
    works: 'the reviews that pull requests need are read by themselves as within the protection',
    refused: 'reviews are removed once, and not without a protection',
  },
  {
    operation: `PATCH ${base}/required_pull_request_reviews`,
    section: '1.1.6',
    file: 'protection-reviews.test.ts',
    works: 'a PATCH changes what it names and leaves the rest',
    refused: 'a PATCH with seven reviews is refused and changes nothing',
  },
  {
    operation: `DELETE ${base}/required_pull_request_reviews`,
    section: '1.1.6',
    file: 'protection-reviews.test.ts',
    works: 'reviews are removed once, and not without a protection',
    refused: 'reviews are removed once, and not without a protection',
  },
  {
    operation: `GET ${base}/required_signatures`,
    section: '1.1.7',
    file: 'protection-switches.test.ts',
    works: 'required_signatures is read, switched on and switched off',
    refused: 'required_signatures of a branch without protection, or of no branch, is not there',
  },
  {
    operation: `POST ${base}/required_signatures`,
    section: '1.1.7',
    file: 'protection-switches.test.ts',
    works: 'required_signatures is read, switched on and switched off',
    refused: 'required_signatures of a branch without protection, or of no branch, is not there',
  },
  {
    operation: `DELETE ${base}/required_signatures`,
    section: '1.1.7',
    file: 'protection-switches.test.ts',
    works: 'required_signatures is read, switched on and switched off',
    refused: 'required_signatures of a branch without protection, or of no branch, is not there',
  },
  {
    operation: `GET ${base}/required_status_checks`,
    section: '1.1.8',
    file: 'protection-checks.test.ts',
    works: 'checks are read by themselves as within the protection, but for the level of enforcement',
    refused: 'checks are removed once, and everything below them is gone',
  },
  {
    operation: `PATCH ${base}/required_status_checks`,
    section: '1.1.8',
    file: 'protection-checks.test.ts',
    works: 'a PATCH changes what it names and leaves the rest',
    refused: 'checks are removed once, and everything below them is gone',
  },
  {
    operation: `DELETE ${base}/required_status_checks`,
    section: '1.1.8',
    file: 'protection-checks.test.ts',
    works: 'checks are removed once, and everything below them is gone',
    refused: 'checks are removed once, and everything below them is gone',
  },
  {
    operation: `GET ${base}/required_status_checks/contexts`,
    section: '1.1.9',
    file: 'protection-checks.test.ts',
    works: 'contexts are listed, added, replaced and removed, as a bare list',
    refused: 'checks are removed once, and everything below them is gone',
  },
  {
    operation: `POST ${base}/required_status_checks/contexts`,
    section: '1.1.9',
    file: 'protection-checks.test.ts',
    works: 'contexts are listed, added, replaced and removed, as a bare list',
    refused: 'what is no list of contexts is refused by every method',
  },
  {
    operation: `PUT ${base}/required_status_checks/contexts`,
    section: '1.1.9',
    file: 'protection-checks.test.ts',
    works: 'contexts are listed, added, replaced and removed, as a bare list',
    refused: 'what is no list of contexts is refused by every method',
  },
  {
    operation: `DELETE ${base}/required_status_checks/contexts`,
    section: '1.1.9',
    file: 'protection-checks.test.ts',
    works: 'contexts are listed, added, replaced and removed, as a bare list',
    refused: 'what is no list of contexts is refused by every method',
  },
  {
    operation: `GET ${base}/restrictions`,
    section: '1.1.10',
    file: 'protection-restrictions.test.ts',
    works: 'restrictions are read by themselves as within the protection, and removed once',
    refused: 'restrictions are read by themselves as within the protection, and removed once',
  },
  {
    operation: `DELETE ${base}/restrictions`,
    section: '1.1.10',
    file: 'protection-restrictions.test.ts',
    works: 'restrictions are read by themselves as within the protection, and removed once',
    refused: 'restrictions are read by themselves as within the protection, and removed once',
  },
  {
    operation: `GET ${base}/restrictions/apps`,
    section: '1.1.11',
    file: 'protection-restrictions.test.ts',
    works: 'apps are listed, added, replaced and removed, as a bare list',
    refused: 'apps do not exist while nothing is restricted',
  },
  {
    operation: `POST ${base}/restrictions/apps`,
    section: '1.1.11',
    file: 'protection-restrictions.test.ts',
    works: 'apps are listed, added, replaced and removed, as a bare list',
    refused: 'what is no list of apps is refused by every method',
  },
  {
    operation: `PUT ${base}/restrictions/apps`,
    section: '1.1.11',
    file: 'protection-restrictions.test.ts',
    works: 'apps are listed, added, replaced and removed, as a bare list',
    refused: 'what is no list of apps is refused by every method',
  },
  {
    operation: `DELETE ${base}/restrictions/apps`,
    section: '1.1.11',
    file: 'protection-restrictions.test.ts',
    works: 'apps are listed, added, replaced and removed, as a bare list',
    refused: 'what is no list of apps is refused by every method',
  },
  {
    operation: `GET ${base}/restrictions/teams`,
    section: '1.1.11',
    file: 'protection-restrictions.test.ts',
    works: 'teams are listed, added, replaced and removed, as a bare list',
    refused: 'teams do not exist while nothing is restricted',
  },
  {
    operation: `POST ${base}/restrictions/teams`,
    section: '1.1.11',
    file: 'protection-restrictions.test.ts',
    works: 'teams are listed, added, replaced and removed, as a bare list',
    refused: 'what is no list of teams is refused by every method',
  },
  {
    operation: `PUT ${base}/restrictions/teams`,
    section: '1.1.11',
    file: 'protection-restrictions.test.ts',
    works: 'teams are listed, added, replaced and removed, as a bare list',
    refused: 'what is no list of teams is refused by every method',
  },
  {
    operation: `DELETE ${base}/restrictions/teams`,
    section: '1.1.11',
    file: 'protection-restrictions.test.ts',
    works: 'teams are listed, added, replaced and removed, as a bare list',
    refused: 'what is no list of teams is refused by every method',
  },
  {
    operation: `GET ${base}/restrictions/users`,
    section: '1.1.11',
    file: 'protection-restrictions.test.ts',
    works: 'users are listed, added, replaced and removed, as a bare list',
    refused: 'users do not exist while nothing is restricted',
  },
  {
    operation: `POST ${base}/restrictions/users`,
    section: '1.1.11',
    file: 'protection-restrictions.test.ts',
    works: 'users are listed, added, replaced and removed, as a bare list',
    refused: 'what is no list of users is refused by every method',
  },
  {
    operation: `PUT ${base}/restrictions/users`,
    section: '1.1.11',
    file: 'protection-restrictions.test.ts',
    works: 'users are listed, added, replaced and removed, as a bare list',
    refused: 'what is no list of users is refused by every method',
  },
  {
    operation: `DELETE ${base}/restrictions/users`,
    section: '1.1.11',
    file: 'protection-restrictions.test.ts',
    works: 'users are listed, added, replaced and removed, as a bare list',
    refused: 'what is no list of users is refused by every method',
  },
];

/** The acceptance scenarios of github.md appendix D that need no more than this API, and where each is played. */
export const scenarioTable: readonly { readonly scenario: number; readonly file: string; readonly test: string }[] = [
  { scenario: 1, file: 'protection.test.ts', test: 'a body that lacks the four keys is refused and told all of them' },
  { scenario: 1, file: 'protection.test.ts', test: 'a body that lacks only restrictions is told so' },
  { scenario: 2, file: 'protection.test.ts', test: 'everything null protects a branch with nothing switched on' },
  { scenario: 3, file: 'protection-access.test.ts', test: 'to a writer without the admin role no protection exists' },
  { scenario: 3, file: 'protection-access.test.ts', test: 'a reader sees that the branch is protected, but not how' },
  { scenario: 4, file: 'protection.test.ts', test: 'a deleted protection is gone, its demand for signatures too' },
  { scenario: 4, file: 'protection.test.ts', test: 'a branch that is not there cannot be protected' },
  { scenario: 5, file: 'protection-checks.test.ts', test: 'contexts are added, replaced and removed in an object too' },
  { scenario: 6, file: 'protection-actors.test.ts', test: 'a reader is refused by name in every list, and nothing changes' },
  { scenario: 7, file: 'protection-actors.test.ts', test: 'a repository of a person knows no lists' },
  { scenario: 8, file: 'protection-actors.test.ts', test: 'more than a hundred actors are refused, by PUT and by adding' },
  { scenario: 9, file: 'protection.test.ts', test: '7 required reviews are refused' },
  { scenario: 10, file: 'protection-switches.test.ts', test: 'required_signatures is read, switched on and switched off' },
  { scenario: 11, file: 'protection-restrictions.test.ts', test: 'users do not exist while nothing is restricted' },
  { scenario: 12, file: 'protection-checks.test.ts', test: 'any app, the app that reported last and a named app are told apart' },
  { scenario: 13, file: 'protection-switches.test.ts', test: 'enforce_admins is read, switched on and switched off' },
  { scenario: 14, file: 'overlap.test.ts', test: 'of two patterns each governs the branches it covers, and the older where both do' },
  { scenario: 48, file: 'protocol.test.ts', test: 'a list comes in pages, each with the addresses of its neighbours' },
  { scenario: 48, file: 'protocol.test.ts', test: 'what has not changed is not sent again' },
  {
    scenario: 48,
    file: 'protocol.test.ts',
    test: 'a page has thirty entries unless another size is asked for, and never more than a hundred',
  },
  { scenario: 49, file: 'carriers.test.ts', test: 'a token that is no good is refused as Bearer' },
  { scenario: 49, file: 'carriers.test.ts', test: 'git is asked for credentials, and refused with a token that is no good' },
  { scenario: 50, file: 'carriers.test.ts', test: 'scopes are listed sorted, the elevated one under its own name' },
];
