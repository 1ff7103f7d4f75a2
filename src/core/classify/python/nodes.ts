/** Nodes of the syntax tree, by what a reading does with them. */
import { parser } from "@lezer/python";

export const NOTHING = 1;
export const STRING = 2;
export const FORMAT = 3;
export const CONTINUED = 4;
export const NUMBER = 5;
export const NAME = 6;
export const MEMBER = 7;
export const CALL = 8;
export const BINARY = 9;
export const INNER = 10;
export const CONDITIONAL = 11;
export const SEQUENCE = 12;
export const COMPREHENSION = 13;
export const ASSIGN = 14;
export const UPDATE = 15;
export const IMPORT = 16;
export const DEFINITION = 17;
export const BINDING = 18;
export const PARAMETERS = 19;
export const FAULT = 20;
export const CONSTANT = 22;
export const DICTIONARY = 23;
export const BRANCH = 24;
export const DECORATOR = 25;
export const LOOP = 26;
/** Everything else that has a name of its own: what is within is visited. */
const OTHER = 21;

const KINDS_BY_NAME: Readonly<Record<string, number>> = {
	Comment: NOTHING,
	TypeDef: NOTHING,
	String: STRING,
	FormatString: FORMAT,
	ContinuedString: CONTINUED,
	Number: NUMBER,
	VariableName: NAME,
	MemberExpression: MEMBER,
	CallExpression: CALL,
	BinaryExpression: BINARY,
	UnaryExpression: INNER,
	AwaitExpression: INNER,
	ParenthesizedExpression: INNER,
	NamedExpression: INNER,
	ConditionalExpression: CONDITIONAL,
	TupleExpression: SEQUENCE,
	ArrayExpression: SEQUENCE,
	SetExpression: SEQUENCE,
	DictionaryExpression: DICTIONARY,
	ReturnStatement: SEQUENCE,
	ArrayComprehensionExpression: COMPREHENSION,
	ComprehensionExpression: COMPREHENSION,
	SetComprehensionExpression: COMPREHENSION,
	DictionaryComprehensionExpression: COMPREHENSION,
	AssignStatement: ASSIGN,
	UpdateStatement: UPDATE,
	ImportStatement: IMPORT,
	FunctionDefinition: DEFINITION,
	ClassDefinition: DEFINITION,
	IfStatement: BRANCH,
	TryStatement: BRANCH,
	WithStatement: BINDING,
	WhileStatement: LOOP,
	ForStatement: BINDING,
	ParamList: PARAMETERS,
	"⚠": FAULT,
	ArithOp: NOTHING,
	BitOp: NOTHING,
	CompareOp: NOTHING,
	AssignOp: NOTHING,
	UpdateOp: NOTHING,
	PropertyName: NOTHING,
	Boolean: CONSTANT,
	None: CONSTANT,
	Ellipsis: NOTHING,
	Decorator: DECORATOR,
	At: NOTHING,
};

/** By the id of the grammar: names of nodes begin with a capital; keywords and signs do not, and hold nothing. */
export const KINDS = Uint8Array.from(
	parser.nodeSet.types,
	({ name }) => KINDS_BY_NAME[name] ?? (/^[A-Z]/u.test(name) ? OTHER : NOTHING),
);

export const isNode = (cursor: Cursor): boolean => KINDS[cursor.type.id] !== NOTHING;

export type Cursor = ReturnType<ReturnType<typeof parser.parse>["cursor"]>;
