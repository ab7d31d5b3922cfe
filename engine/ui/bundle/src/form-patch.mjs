// What of form-js speaks hard-coded English, and how each place is made to ask our dictionary instead.
export const formTexts = [
  ["'No results'", 2], ["'Date and time must both be entered.'", 1], ["placeholder: 'Search'", 1], ["valueLabel || 'Select'", 1],
  ["readonly ? undefined : 'Search'", 1], ["'All values selected'", 1], ["'Nothing to show.'", 1], ['"Nothing to show."', 1],
  ["return 'Click to remove sorting'", 1], ["'Add new'", 1], ["'Value is not a number.'", 1], ["'Field is required.'", 1],
  ["'Field must be a valid email.'", 1], ["'Field must be a valid  international phone number. (e.g. +4930664040900)'", 1],
  ['"aria-label": "Increment"', 1], ['"aria-label": "Decrement"', 1], ['title: "Remove tag"', 1],
  ['"aria-label": "Previous page"', 1], ['"aria-label": "Next page"', 1], ["'hh:mm --'", 1],
];

// Texts with values in them: [the source as written, the call that replaces it].
const templates = [
  ['`Field must match pattern ${validation.pattern}.`', "kapokText('Field must match pattern {0}.', validation.pattern)"],
  ['`Field must have minimum value of ${validation.min}.`', "kapokText('Field must have minimum value of {0}.', validation.min)"],
  ['`Field must have maximum value of ${validation.max}.`', "kapokText('Field must have maximum value of {0}.', validation.max)"],
  ['`Field must have minimum length of ${validation.minLength}.`', "kapokText('Field must have minimum length of {0}.', validation.minLength)"],
  ['`Field must have maximum length of ${validation.maxLength}.`', "kapokText('Field must have maximum length of {0}.', validation.maxLength)"],
  ["'Value is expected to ' + (decimalDigits === 0 ? 'be an integer' : `have at most ${decimalDigits} decimal digit${decimalDigits > 1 ? 's' : ''}`) + '.'",
    "(decimalDigits === 0 ? kapokText('Value is expected to be an integer.') : kapokText('Value is expected to have at most {0} decimal digits.', decimalDigits))"],
  ['`Please select a valid value, the two nearest valid values are ${previousValue} and ${nextValue}.`',
    "kapokText('Please select a valid value, the two nearest valid values are {0} and {1}.', previousValue, nextValue)"],
  ['`Remove list item ${itemIndex + 1}`', "kapokText('Remove list item {0}', itemIndex + 1)"],
  ["new Intl.DateTimeFormat(locale)", "new Intl.DateTimeFormat(locale === 'default' ? kapokDateLocale : locale)"],
  ['dateFormat: getLocaleDateFlatpickrConfig(),', 'dateFormat: getLocaleDateFlatpickrConfig(), locale: kapokCalendar,'],
  ["disallowPassedDates ? 'today' : '01/01/1900'", "disallowPassedDates ? 'today' : new Date(1900, 0, 1)"],
];

const text = /(?<quote>['"])(?<words>[A-Z][^'"]*|hh:mm --)\k<quote>$/;

const replaced = (source, from, to, count) => {
  const parts = source.split(from);
  if (parts.length - 1 !== count) throw new Error(`form-js: expected ${count} × ${from}, found ${parts.length - 1}`);
  return parts.join(to);
};

export const patchFormSource = (source, dictionary) => {
  for (const [from, to] of templates) source = replaced(source, from, to, 1);
  for (const [from, count] of formTexts) {
    source = replaced(source, from, from.replace(text, (literal) => `kapokText(${literal})`), count);
  }
  return `import { kapokText, kapokDateLocale, kapokCalendar } from ${JSON.stringify(dictionary)};\n${source}`;
};
