package pickle

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"unicode/utf8"
)

// Func is what a reader's user does where the pickle calls a function.
type Func func(args Tuple) (any, error)

// Object is a value of a reader's user that has attributes besides those that it was made
// with.
type Object interface {
	// SetState sets them, to whatever the pickle has.
	SetState(state any) error
}

// Reader says what the names in a pickle stand for.
type Reader struct {
	// Global returns what a class or a function is: a value, or a Func. It fails
	// on those that it does not know.
	Global func(g Global) (any, error)
	// Persistent returns what is kept beside the pickle.
	Persistent func(id any) (any, error)
	// Key reports whether a value that Global made may be a key of a dict; nil says no.
	Key func(v any) bool
	// Budget is the memory that the values may take. What Global, a Func and
	// Persistent make they take themselves.
	Budget *Budget
}

// Read returns the value of a pickle, in time that is in proportion to the pickle's
// length and the budget.
func (r Reader) Read(data []byte) (any, error) { return r.ReadFrom(&Stream{data: data}) }

// ReadFrom is [Reader.Read] of the next pickle of a stream.
func (r Reader) ReadFrom(in *Stream) (any, error) {
	m := machine{reader: r, in: in, memo: map[uint32]*page{}}
	start := in.taken
	for {
		at := in.taken - start
		op, err := m.take(1)
		if err == nil && op[0] == opStop {
			var value any
			if value, err = m.pop(); err == nil {
				return value, nil
			}
		}
		if err == nil {
			err = m.do(op[0])
		}
		if err != nil {
			return nil, fmt.Errorf("at byte %d of the pickle: %w", at, err)
		}
	}
}

// machine is the stack machine that a pickle is a program of.
type machine struct {
	reader Reader
	in     *Stream
	stack  []any
	marks  []int // heights of the stack
	memo   map[uint32]*page
}

var errEmpty = errors.New("the stack is empty")

var emptyTuple any = Tuple{}

// textSize is how many bytes a text of so many bytes takes, or as many bytes.
func textSize(n int) int { return slice + n + n/4 }

// take returns the next n bytes, which are there until the next call.
func (m *machine) take(n int) ([]byte, error) { return m.in.take(n, m.reader.Budget) }

// number takes a little-endian number of n bytes.
func (m *machine) number(n int) (uint32, error) {
	b, err := m.take(n)
	if err != nil {
		return 0, err
	}
	var word [4]byte
	copy(word[:], b)
	return binary.LittleEndian.Uint32(word[:]), nil
}

// line takes what comes before the next end of line.
func (m *machine) line() ([]byte, error) { return m.in.line(m.reader.Budget) }

// push puts a value on the stack, which takes so many bytes elsewhere.
func (m *machine) push(v any, bytes int) error {
	if len(m.stack) == cap(m.stack) {
		room := max(64, 2*cap(m.stack))
		if err := m.reader.Budget.Take(room * value); err != nil {
			return err
		}
		m.stack = append(make([]any, 0, room), m.stack...)
	}
	m.stack = append(m.stack, v)
	return m.reader.Budget.Take(bytes)
}

// mark marks the height of the stack.
func (m *machine) mark() error {
	if len(m.marks) == cap(m.marks) {
		room := max(64, 2*cap(m.marks))
		if err := m.reader.Budget.Take(room * word); err != nil {
			return err
		}
		m.marks = append(make([]int, 0, room), m.marks...)
	}
	m.marks = append(m.marks, len(m.stack))
	return nil
}

// bottom is the height of the stack that the last mark stands at.
func (m *machine) bottom() int {
	if len(m.marks) == 0 {
		return 0
	}
	return m.marks[len(m.marks)-1]
}

// popN takes the uppermost n values. They stay where they are until the next push.
func (m *machine) popN(n int) ([]any, error) {
	height := len(m.stack) - n
	if height < m.bottom() {
		return nil, errEmpty
	}
	values := m.stack[height:]
	m.stack = m.stack[:height]
	return values, nil
}

func (m *machine) pop() (any, error) {
	values, err := m.popN(1)
	if err != nil {
		return nil, err
	}
	return values[0], nil
}

// popMark takes the values above the last mark, and the mark.
func (m *machine) popMark() ([]any, error) {
	if len(m.marks) == 0 {
		return nil, errors.New("there is no mark")
	}
	values, err := m.popN(len(m.stack) - m.bottom())
	m.marks = m.marks[:len(m.marks)-1]
	return values, err
}

// top returns the uppermost value, of type T, and leaves it.
func top[T any](m *machine) (value T, err error) {
	if len(m.stack) == m.bottom() {
		return value, errEmpty
	}
	value, ok := m.stack[len(m.stack)-1].(T)
	if !ok {
		return value, fmt.Errorf("a %T where a %T should be", m.stack[len(m.stack)-1], value)
	}
	return value, nil
}

// do executes an instruction.
func (m *machine) do(op byte) error {
	switch op {
	case opProto:
		version, err := m.number(1)
		if err == nil && version > protocol {
			err = fmt.Errorf("protocol %d, want %d", version, protocol)
		}
		return err
	case opNone:
		return m.push(nil, 0)
	case opNewTrue, opNewFalse:
		return m.push(op == opNewTrue, 0)
	case opEmptyList:
		return m.push(&List{}, slice)
	case opEmptyDict:
		return m.push(&Dict{}, dictSize)
	case opEmptyTuple:
		return m.push(emptyTuple, 0)
	case opMark:
		return m.mark()
	case opBinInt, opBinInt1, opBinInt2, opLong1, opBinFloat:
		return m.doNumber(op)
	case opBinUnicode, opShortBinString:
		return m.doString(op)
	case opTuple, opTuple1, opTuple2, opTuple3:
		return m.doTuple(op)
	case opAppend, opAppends, opSetItem, opSetItems:
		return m.doFill(op)
	case opGlobal, opReduce, opNewObj, opBuild, opBinPersID:
		return m.doObject(op)
	case opBinGet, opLongBinGet, opBinPut, opLongBinPut:
		return m.doMemo(op)
	}
	return fmt.Errorf("instruction 0x%02x is none that PyTorch's files have", op)
}

func (m *machine) doNumber(op byte) error {
	switch op {
	case opLong1:
		n, err := m.number(1)
		if err != nil {
			return err
		}
		b, err := m.take(int(n))
		if err != nil {
			return err
		}
		if len(b) <= word {
			return m.push(short(b), word)
		}
		const headers, copies = 256, 4 // long makes some big.Ints
		if err := m.reader.Budget.Take(headers + copies*len(b)); err != nil {
			return err
		}
		return m.push(long(b), 0)
	case opBinFloat:
		b, err := m.take(8)
		if err != nil {
			return err
		}
		return m.push(math.Float64frombits(binary.BigEndian.Uint64(b)), word)
	}
	size := 4
	switch op {
	case opBinInt1:
		size = 1
	case opBinInt2:
		size = 2
	}
	n, err := m.number(size)
	switch {
	case err != nil:
		return err
	case op == opBinInt1: // Go has these numbers already
		return m.push(int(n), 0)
	case op == opBinInt:
		return m.push(int(int32(n)), word)
	}
	return m.push(int(n), word)
}

// short returns the number whose two's complement is b, little-endian, at most 8
// bytes.
func short(b []byte) int {
	var digits [word]byte
	copy(digits[:], b)
	unused := 8 * (word - len(b))
	return int(binary.LittleEndian.Uint64(digits[:])<<unused) >> unused
}

// long returns the number whose two's complement is b, little-endian: an int if
// one holds it.
func long(b []byte) any {
	big64 := make([]byte, len(b))
	for i, digit := range b {
		big64[len(b)-1-i] = digit
	}
	n := new(big.Int).SetBytes(big64)
	if len(b) > 0 && b[len(b)-1] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	if n.IsInt64() {
		return int(n.Int64())
	}
	return n
}

func (m *machine) doString(op byte) error {
	size := 4
	if op == opShortBinString {
		size = 1
	}
	n, err := m.number(size)
	if err != nil {
		return err
	}
	text, err := m.take(int(n))
	if err != nil {
		return err
	}
	if !utf8.Valid(text) {
		return errors.New("a string is not UTF-8")
	}
	if err := m.reader.Budget.Take(textSize(len(text))); err != nil {
		return err
	}
	return m.push(string(text), 0)
}

func (m *machine) doTuple(op byte) error {
	var values []any
	var err error
	if op == opTuple {
		values, err = m.popMark()
	} else {
		values, err = m.popN(int(op - opTuple1 + 1))
	}
	if err != nil {
		return err
	}
	if err := m.reader.Budget.Take(slice + len(values)*value); err != nil {
		return err
	}
	return m.push(Tuple(append(make([]any, 0, len(values)), values...)), 0)
}

// doFill puts values into a list or a dict.
func (m *machine) doFill(op byte) error {
	var values []any
	var err error
	switch op {
	case opAppend:
		values, err = m.popN(1)
	case opSetItem:
		values, err = m.popN(2)
	default:
		values, err = m.popMark()
	}
	if err != nil {
		return err
	}
	if op == opAppend || op == opAppends {
		list, err := top[*List](m)
		if err == nil {
			err = m.reader.Budget.Take(list.growth(len(values)))
		}
		if err == nil {
			list.add(values)
		}
		return err
	}
	dict, err := top[*Dict](m)
	if err != nil {
		return err
	}
	if len(values)%2 != 0 {
		return errors.New("a key without a value")
	}
	if err := m.reader.Budget.Take(dict.entries.growth(len(values))); err != nil {
		return err
	}
	return dict.add(values, m.reader.Key)
}

// doObject makes what the reader's user knows of.
func (m *machine) doObject(op byte) error {
	switch op {
	case opGlobal:
		module, err := m.line()
		if err != nil {
			return err
		}
		g := Global{Module: string(module)} // before the next line takes its place
		name, err := m.line()
		if err != nil {
			return err
		}
		if err := m.reader.Budget.Take(textSize(len(module)) + textSize(len(name))); err != nil {
			return err
		}
		g.Name = string(name)
		v, err := m.global(g)
		if err != nil {
			return err
		}
		return m.push(v, 2*value) // a function and what it knows
	case opBinPersID:
		id, err := m.pop()
		if err != nil {
			return err
		}
		v, err := m.reader.Persistent(id)
		if err != nil {
			return err
		}
		return m.push(v, 0)
	case opReduce, opNewObj: // a class is a function, too
		args, err := top[Tuple](m)
		if err != nil {
			return err
		}
		_, _ = m.pop()
		f, err := top[Func](m)
		if err != nil {
			return err
		}
		_, _ = m.pop()
		v, err := f(args)
		if err != nil {
			return err
		}
		return m.push(v, 0)
	}
	return m.doBuild()
}

// doBuild sets the attributes of an Object, or of an OrderedDict. Others have none.
func (m *machine) doBuild() error {
	state, err := m.pop()
	if err != nil {
		return err
	}
	if object, err := top[Object](m); err == nil {
		return object.SetState(state)
	}
	dict, err := top[*Dict](m)
	if err != nil {
		return err
	}
	attributes, ok := state.(*Dict)
	if !ok {
		return fmt.Errorf("the attributes of an OrderedDict are a %T", state)
	}
	if !dict.Ordered {
		return errors.New("a dict has no attributes, only an OrderedDict has")
	}
	dict.Attributes = attributes
	return nil
}

// global returns what a name stands for.
func (m *machine) global(g Global) (any, error) {
	switch g {
	case orderedDict:
		return Func(m.orderedDict), nil
	case encode:
		return Func(m.decodeBytes), nil
	}
	return m.reader.Global(g)
}

// orderedDict returns an OrderedDict: an empty one or, as Python 2 writes it, one of a list
// of keys and values.
func (m *machine) orderedDict(args Tuple) (any, error) {
	dict := &Dict{Ordered: true}
	if err := m.reader.Budget.Take(dictSize); err != nil || len(args) == 0 {
		return dict, err
	}
	items, ok := args[0].(*List)
	if !ok || len(args) > 1 {
		return nil, fmt.Errorf("%v has arguments that are no list of items", orderedDict)
	}
	for item := range items.All {
		entry, ok := item.(Tuple)
		if list, isList := item.(*List); isList {
			entry, ok = slices.Collect(list.All), true
		}
		if !ok || len(entry) != 2 {
			return nil, fmt.Errorf("an item of %v is no key and value", orderedDict)
		}
		if err := m.reader.Budget.Take(dict.entries.growth(2)); err != nil {
			return nil, err
		}
		if err := dict.add(entry, m.reader.Key); err != nil {
			return nil, err
		}
	}
	return dict, nil
}

// decodeBytes returns the []byte that a pickle writes as _codecs.encode(text,
// 'latin1').
func (m *machine) decodeBytes(args Tuple) (any, error) {
	if len(args) == 2 && args[1] == "latin1" {
		if text, ok := args[0].(string); ok {
			if err := m.reader.Budget.Take(textSize(len(text))); err != nil {
				return nil, err
			}
			b := make([]byte, 0, len(text))
			for _, r := range text {
				if r > 0xff {
					return nil, fmt.Errorf("a byte is %d", r)
				}
				b = append(b, byte(r))
			}
			return b, nil
		}
	}
	return nil, fmt.Errorf("%v is not called for bytes", encode)
}
