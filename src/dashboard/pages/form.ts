import { markup, type Html } from '../../report/html/html.ts';

export type FormParts = {
  readonly action: string;
  readonly button: string;
  /** The token of our own forms. */
  readonly token: string;
  /** Fields of its own. */
  readonly fields?: readonly Html[];
  readonly isRisky?: boolean;
};

/** A form that does one thing. */
export function formHtml({ action, button, token, fields = [], isRisky = false }: FormParts): Html {
  return markup`<form method="post" action="${action}">
    <input type="hidden" name="_form" value="${token}">
    ${fields}
    <button type="submit" class="${isRisky ? 'risky' : 'plain'}">${button}</button>
  </form>`;
}

export type FieldParts = {
  readonly name: string;
  readonly label: string;
  readonly isRequired?: boolean;
  readonly value?: string;
};

/** A line of text with its label. */
export function fieldHtml({ name, label, isRequired = false, value = '' }: FieldParts): Html {
  return markup`<label>${label}
    <input type="text" name="${name}" value="${value}" maxlength="500" autocomplete="off"${isRequired ? markup` required` : null}>
  </label>`;
}
