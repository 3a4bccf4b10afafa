/** The bundled jobs that a project can start from, each with the tables of the sample that it reads. */
export const projectTemplates = {
  opportunities: ['01_account.sql', '02_opportunity.sql'],
  rfm: ['03_invoice_line.sql'],
  shoppers: ['03_invoice_line.sql'],
  households: ['04_household.sql'],
  members: ['05_sales_transaction.sql'],
} as const satisfies Record<string, readonly string[]>;

export type TemplateName = keyof typeof projectTemplates;
