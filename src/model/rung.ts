/**
 * What an account may do in one repository, on the one permission ladder (decision 14, spec/model.md section 6):
 * 0 nothing, 10 guest, 20 read, 25 triage, 30 write, 35 maintain, 40 admin, 50 owner. Site admin is no rung.
 */
export type Rung = 0 | 10 | 20 | 25 | 30 | 35 | 40 | 50;

export const rungs: readonly Rung[] = [0, 10, 20, 25, 30, 35, 40, 50];

export const READ: Rung = 20;
export const TRIAGE: Rung = 25;
export const WRITE: Rung = 30;
export const ADMIN: Rung = 40;
export const OWNER: Rung = 50;

export function highestRung(of: readonly Rung[]): Rung {
  return Math.max(0, ...of) as Rung;
}

export function lowestRung(...of: readonly Rung[]): Rung {
  return Math.min(OWNER, ...of) as Rung;
}
