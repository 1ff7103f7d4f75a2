/** Which words of Windows commands are paths of files: no switch, no URL, no key of the registry, no command line. */

const OTHER = /^\/\w*$|^[a-z][a-z+]+:\/\/|^(?:hk(?:lm|cu|u|cr|cc)|hkey_\w+|registry)[:\\/]|\s[/-]\w|^\S+\.exe\s/i;
const PATH = /[\\/%~]|^\.|\.\w{2,4}$/;

/** Whether a word looks like the path of a file. */
export const isPath = (word: string): boolean => word.length < 1_000 && PATH.test(word) && !OTHER.test(word);
