// Package pickle reads and writes Python's pickle format, as far as PyTorch's files
// need it: plain values, and calls of functions that the reader's user knows.
// Nothing else is called, imported or looked up by name, so that a file can do no
// more than make the values that it holds.
//
// A value is one of
//
//	nil, bool, int, *big.Int, float64, string   None, bool, int (if it is large), float, str
//	Tuple, *List, *Dict                         tuple, list, dict or OrderedDict
//	Global                                      a class or a function, by name
//	*Call                                       what a function gives
//	Persistent                                  what is kept beside the pickle
//
// of which the last three are only written: a reader's user says what they become.
package pickle

import "github.com/wangkuiyi/gotorch/internal/brief"

// Tuple is a Python tuple.
type Tuple []any

// Global is a class or a function of a Python module.
type Global struct{ Module, Name string }

// String returns the full name, such as "collections.OrderedDict", if it is not too
// long.
func (g Global) String() string { return brief.Text(g.Module) + "." + brief.Text(g.Name) }

// Call is the call of a function. The same *Call in several places is one object
// in Python.
type Call struct {
	Func Global
	Args Tuple
}

// Persistent is an object that is kept beside the pickle under an ID.
type Persistent struct{ ID any }

var (
	orderedDict = Global{"collections", "OrderedDict"}
	encode      = Global{"_codecs", "encode"}
)

// The opcodes of protocol 2 that PyTorch's files use.
const (
	opMark           = '('
	opStop           = '.'
	opBinInt         = 'J'
	opBinInt1        = 'K'
	opBinInt2        = 'M'
	opLong1          = '\x8a'
	opBinFloat       = 'G'
	opNone           = 'N'
	opNewTrue        = '\x88'
	opNewFalse       = '\x89'
	opBinUnicode     = 'X'
	opAppend         = 'a'
	opAppends        = 'e'
	opEmptyList      = ']'
	opEmptyTuple     = ')'
	opTuple          = 't'
	opTuple1         = '\x85'
	opTuple2         = '\x86'
	opTuple3         = '\x87'
	opEmptyDict      = '}'
	opSetItem        = 's'
	opSetItems       = 'u'
	opGlobal         = 'c'
	opReduce         = 'R'
	opNewObj         = '\x81'
	opBuild          = 'b'
	opBinPersID      = 'Q'
	opBinGet         = 'h'
	opLongBinGet     = 'j'
	opBinPut         = 'q'
	opLongBinPut     = 'r'
	opProto          = '\x80'
	protocol         = 2
	opShortBinString = 'U'
)
