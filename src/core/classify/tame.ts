/** Commands that code runs and that do no more than they are for: programs that look, build and convert. */

/** Programs of which everybody knows that they only look. */
const HARMLESS =
	/^\s*(?:git\s+(?:status|log|diff|show|branch|rev-parse|describe|blame|ls-files)|python3?\s+(?:--version|-V)|node\s+(?:--version|-v)|\S+\s+(?:--version|--help)$)(?:\s|$)/u;

/** Programs that build, check and convert, and run nothing that they are not made for. */
const TOOLS =
	/^(?:ffmpeg|ffprobe|convert|magick|pandoc|pdflatex|xelatex|latexmk|dot|cmake|ctest|ninja|gcc|g\+\+|clang|clang\+\+|cc|pkg-config|pytest|coverage|black|ruff|flake8|mypy|isort|pylint|sphinx-build|javac|tsc|eslint|prettier|gofmt|rustfmt|clang-format|exiftool|tesseract|sox|7z|gzip|gunzip)\s/u;

/** Of a command: nothing in it asks for more than its program does; a list of words cannot, whatever they are. `isWhole`: all of it is known. */
export const isTame = (line: string, isList: boolean, isWhole: boolean): boolean =>
	isList
		? TOOLS.test(line) || (HARMLESS.test(line) && isWhole)
		: isWhole && !/[|;&`$<>]/u.test(line) && HARMLESS.test(line);
