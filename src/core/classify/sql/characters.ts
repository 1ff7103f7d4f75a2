/** Classes of letters, by their UTF-16 unit. */

const SPACE = 1;
const LETTER = 2;
const DIGIT = 4;
const CLASS = new Uint8Array(128);
for (let code = 0; code <= 32; code++) CLASS[code] = SPACE;
for (const letter of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") CLASS[letter.charCodeAt(0)] = LETTER;
for (const digit of "0123456789") CLASS[digit.charCodeAt(0)] = DIGIT;

export const isSpace = (code: number): boolean =>
	code < 128
		? CLASS[code] === SPACE
		: code === 0xa0 || code === 0x3000 || code === 0xfeff || (code >= 0x2000 && code <= 0x200b);
export const isLetter = (code: number): boolean => (code < 128 ? CLASS[code] === LETTER : !isSpace(code));
export const isDigit = (code: number): boolean => code < 128 && CLASS[code] === DIGIT;
/** Within a name Oracle and T-SQL take `$` and `#` too. */
export const isInWord = (code: number): boolean => isLetter(code) || isDigit(code) || code === 0x24 || code === 0x23;
