export interface SeedRow {
  readonly operation: string;
  readonly section: string;
  readonly file: string;
  readonly test: string;
}

export const seedTable: readonly SeedRow[] = [];
