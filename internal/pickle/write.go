package pickle

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"slices"
	"unicode/utf8"
)

// Write returns the pickle of a value. It fails on a value that this package does
// not know, and on one that is not UTF-8 or nested too deep.
func Write(value any) ([]byte, error) {
	w := writer{buf: []byte{opProto, protocol}, memo: map[any]uint32{}}
	if err := w.write(value, 0); err != nil {
		return nil, err
	}
	return append(w.buf, opStop), nil
}

// MaxDepth is how deep values may be nested.
const MaxDepth = 1000

type writer struct {
	buf  []byte
	memo map[any]uint32
}

func (w *writer) op(op byte) { w.buf = append(w.buf, op) }

// remembered writes v from the memo if it is there.
func (w *writer) remembered(v any) bool {
	at, ok := w.memo[v]
	if ok {
		w.indexed(opBinGet, opLongBinGet, at)
	}
	return ok
}

// remember puts v, which was just written, into the memo.
func (w *writer) remember(v any) {
	at := uint32(len(w.memo))
	w.memo[v] = at
	w.indexed(opBinPut, opLongBinPut, at)
}

// indexed writes an instruction in its short or its long form.
func (w *writer) indexed(short, long byte, at uint32) {
	if at < 256 {
		w.buf = append(w.buf, short, byte(at))
	} else {
		w.buf = binary.LittleEndian.AppendUint32(append(w.buf, long), at)
	}
}

func (w *writer) write(value any, depth int) error {
	if depth > MaxDepth {
		return fmt.Errorf("values are nested more than %d deep", MaxDepth)
	}
	switch v := value.(type) {
	case nil:
		w.op(opNone)
	case bool:
		if v {
			w.op(opNewTrue)
		} else {
			w.op(opNewFalse)
		}
	case int:
		w.int(v)
	case *big.Int:
		return w.long(v)
	case float64:
		w.buf = binary.BigEndian.AppendUint64(append(w.buf, opBinFloat), math.Float64bits(v))
	case string:
		return w.string(v)
	case []byte:
		return w.bytes(v, depth)
	case Tuple:
		return w.tuple(v, depth)
	case *List:
		return w.list(v, depth)
	case *Dict:
		return w.dict(v, depth)
	case Global:
		w.global(v)
	case *Call:
		return w.call(v, depth)
	case Persistent:
		if err := w.write(v.ID, depth+1); err != nil {
			return err
		}
		w.op(opBinPersID)
	default:
		return fmt.Errorf("a %T cannot be pickled", value)
	}
	return nil
}

func (w *writer) int(v int) {
	switch {
	case v >= 0 && v < 1<<8:
		w.buf = append(w.buf, opBinInt1, byte(v))
	case v >= 0 && v < 1<<16:
		w.buf = binary.LittleEndian.AppendUint16(append(w.buf, opBinInt2), uint16(v))
	case v == int(int32(v)):
		w.buf = binary.LittleEndian.AppendUint32(append(w.buf, opBinInt), uint32(v))
	default:
		w.buf = binary.LittleEndian.AppendUint64(append(w.buf, opLong1, 8), uint64(v))
	}
}

// long writes a number's two's complement.
func (w *writer) long(v *big.Int) error {
	n := v.BitLen()/8 + 1
	if n > 255 {
		return fmt.Errorf("a number of %d bits cannot be pickled", v.BitLen())
	}
	positive := v
	if v.Sign() < 0 {
		positive = new(big.Int).Add(v, new(big.Int).Lsh(big.NewInt(1), uint(8*n)))
	}
	digits := positive.FillBytes(make([]byte, n))
	slices.Reverse(digits)
	w.buf = append(append(w.buf, opLong1, byte(n)), digits...)
	return nil
}

func (w *writer) string(v string) error {
	if len(v) > math.MaxUint32 || !utf8.ValidString(v) {
		return fmt.Errorf("a string of %d bytes is too long, or not UTF-8", len(v))
	}
	if w.remembered(v) {
		return nil
	}
	w.buf = binary.LittleEndian.AppendUint32(append(w.buf, opBinUnicode), uint32(len(v)))
	w.buf = append(w.buf, v...)
	w.remember(v)
	return nil
}

// bytes writes v as Python does in protocol 2: as text of these characters.
func (w *writer) bytes(v []byte, depth int) error {
	text := make([]rune, len(v))
	for i, b := range v {
		text[i] = rune(b)
	}
	return w.call(&Call{encode, Tuple{string(text), "latin1"}}, depth)
}

func (w *writer) all(values []any, depth int) error {
	for _, v := range values {
		if err := w.write(v, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) tuple(v Tuple, depth int) error {
	switch {
	case len(v) == 0:
		w.op(opEmptyTuple)
		return nil
	case len(v) > 3:
		w.op(opMark)
	}
	if err := w.all(v, depth); err != nil {
		return err
	}
	w.op([]byte{opTuple1, opTuple2, opTuple3, opTuple}[min(len(v), 4)-1])
	return nil
}

func (w *writer) list(v *List, depth int) error {
	if w.remembered(v) {
		return nil
	}
	w.op(opEmptyList)
	w.remember(v)
	return w.fill(opAppends, batch, v, depth)
}

func (w *writer) dict(v *Dict, depth int) error {
	if w.remembered(v) {
		return nil
	}
	if v.Ordered {
		w.global(orderedDict)
		w.op(opEmptyTuple)
		w.op(opReduce)
	} else {
		w.op(opEmptyDict)
	}
	w.remember(v)
	if err := w.fill(opSetItems, 2*batch, &v.entries, depth); err != nil || v.Attributes == nil {
		return err
	}
	if err := w.write(v.Attributes, depth+1); err != nil {
		return err
	}
	w.op(opBuild)
	return nil
}

// fill writes the items of what was just written, in batches as Python does: then
// reading them takes no more than that.
func (w *writer) fill(op byte, batch int, items *List, depth int) error {
	for part := range slices.Chunk(slices.Collect(items.All), batch) {
		w.op(opMark)
		if err := w.all(part, depth); err != nil {
			return err
		}
		w.op(op)
	}
	return nil
}

func (w *writer) global(g Global) {
	if w.remembered(g) {
		return
	}
	w.op(opGlobal)
	w.buf = append(w.buf, g.Module+"\n"+g.Name+"\n"...)
	w.remember(g)
}

func (w *writer) call(c *Call, depth int) error {
	if w.remembered(c) {
		return nil
	}
	w.global(c.Func)
	if err := w.write(c.Args, depth+1); err != nil {
		return err
	}
	w.op(opReduce)
	w.remember(c)
	return nil
}
