package pickle

import (
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/hostile"
)

// known is a reader that knows a class, a function and what lies beside a pickle.
var known = Reader{
	Global: func(g Global) (any, error) {
		switch g {
		case Global{"m", "class"}:
			return g, nil
		case Global{"m", "f"}:
			return Func(func(args Tuple) (any, error) {
				if len(args) == 0 {
					return nil, errors.New("no arguments")
				}
				return &Call{g, args}, nil
			}), nil
		}
		return nil, fmt.Errorf("%v is not known", g)
	},
	Persistent: func(id any) (any, error) { return Persistent{id}, nil },
}

func dict(ordered bool, items ...any) *Dict {
	d, err := NewDict(ordered, items...)
	if err != nil {
		panic(err)
	}
	return d
}

var list = NewList

func TestRoundTrip(t *testing.T) {
	huge, _ := new(big.Int).SetString("-123456789012345678901234567890", 10)
	values := []any{
		nil, true, false, 0.5, math.Inf(-1), "", "gr\u00fc\u00df", []byte{}, []byte{0, 127, 128, 255},
		0, 255, 256, 65535, 65536, -1, math.MinInt32, math.MaxInt32, math.MaxInt64, math.MinInt64,
		huge, new(big.Int).Lsh(big.NewInt(1), 63), new(big.Int).Neg(new(big.Int).Lsh(big.NewInt(1), 71)),
		Tuple{}, Tuple{1}, Tuple{1, 2}, Tuple{1, "a", nil}, Tuple{1, 2, 3, Tuple{4}},
		list(), list(1, list("a")), dict(false), dict(true), dict(true, "z", 1, "a", dict(false, 1, "one", nil, 2, true, 3, 0.5, 4, Tuple{1, Tuple{"a"}}, 5)),
		Global{"m", "class"}, &Call{Global{"m", "f"}, Tuple{1}}, Persistent{Tuple{"storage", 1}},
	}
	for _, v := range append(values, NewList(values...)) {
		data, err := Write(v)
		require.NoError(t, err, "%v", v)
		got, err := known.Read(data)
		require.NoError(t, err, "%v", v)
		assert.Equal(t, v, got)
	}
}

// Python's own pickle of [1, (2.5, 'x'), {'k': None}, b'\x00\xff', True], and of an
// OrderedDict that has an attribute.
func TestReadPython(t *testing.T) {
	got, err := known.Read([]byte("\x80\x02]q\x00(K\x01G@\x04\x00\x00\x00\x00\x00\x00X\x01\x00\x00\x00xq\x01\x86q\x02}q\x03X\x01\x00\x00\x00kq\x04Ns" +
		"c_codecs\nencode\nq\x05X\x03\x00\x00\x00\x00\xc3\xbfq\x06X\x06\x00\x00\x00latin1q\x07\x86q\bRq\t\x88e."))
	require.NoError(t, err)
	assert.Equal(t, list(1, Tuple{2.5, "x"}, dict(false, "k", nil), []byte{0, 255}, true), got)
	got, err = known.Read([]byte("\x80\x02ccollections\nOrderedDict\nq\x00)Rq\x01X\x01\x00\x00\x00aK\x01s}X\x01\x00\x00\x00mK\x02sb."))
	require.NoError(t, err)
	want := dict(true, "a", 1)
	want.Attributes = dict(false, "m", 2)
	assert.Equal(t, want, got)
	written, err := Write(want)
	require.NoError(t, err)
	got, err = known.Read(written)
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

// Python 2 writes an OrderedDict as a list of its items.
func TestReadPython2(t *testing.T) {
	got, err := known.Read([]byte("\x80\x02ccollections\nOrderedDict\nq\x00]q\x01(]q\x02(U\x01aK\x01eU\x01bK\x02\x86e\x85q\x03Rq\x04."))
	require.NoError(t, err)
	assert.Equal(t, slices.Collect(dict(true, "a", 1, "b", 2).entries.All), slices.Collect(got.(*Dict).entries.All))
}

// What is one object stays one.
func TestShared(t *testing.T) {
	inner := list("x", "x")
	call := &Call{Global{"m", "f"}, Tuple{"x"}}
	var items []any
	for i := range 300 { // more than short indices go
		items = append(items, fmt.Sprint(i))
	}
	many := list(append(items, "299", inner, inner, call, call)...)
	data, err := Write(many)
	require.NoError(t, err)
	assert.Equal(t, 1, strings.Count(string(data), "299"))
	got, err := known.Read(data)
	require.NoError(t, err)
	assert.Equal(t, many, got)
	items = slices.Collect(got.(*List).All)[301:]
	assert.Same(t, items[0], items[1])
	assert.Same(t, items[2], items[3])
}

func TestWriteRefuses(t *testing.T) {
	nested := list()
	for range MaxDepth {
		nested = list(nested)
	}
	for want, v := range map[string]any{
		"a struct {} cannot be pickled":        struct{}{},
		"too long, or not UTF-8":               "\xff",
		"a number of 4000 bits":                new(big.Int).Lsh(big.NewInt(1), 3999),
		"values are nested more than 1000 dee": list(nested),
	} {
		_, err := Write(v)
		assert.ErrorContains(t, err, want)
		_, err = Write(dict(false, "key", list(Tuple{v}, Persistent{v})))
		assert.ErrorContains(t, err, want)
	}
	_, err := NewDict(false, 1, 1, Tuple{Tuple{1}, list()}, 1)
	assert.ErrorContains(t, err, "a key of a dict is a *pickle.List")
	_, err = NewDict(false, make(Tuple, MaxKey+1), 1)
	assert.ErrorContains(t, err, "a key of a dict is a tuple of 17")
}

func TestReadRefuses(t *testing.T) {
	for data, want := range map[string]string{
		"":                                     "at byte 0 of the pickle: the pickle is cut off",
		"N":                                    "at byte 1 of the pickle: the pickle is cut off",
		".":                                    "the stack is empty",
		"\x80\x05":                             "protocol 5, want 2",
		"\x00":                                 "instruction 0x00",
		"cos\nsystem\n":                        "os.system is not known",
		"cos\nsys":                             "cut off",
		"cos":                                  "cut off",
		"X\xff\xff\xff\xffa":                   "cut off",
		"X\x01\x00\x00\x00\xff":                "not UTF-8",
		"\x8a\xff":                             "cut off",
		"J\x00":                                "cut off",
		"G\x00":                                "cut off",
		"h\x07.":                               "value 7 is not there yet",
		"q\x07.":                               "the stack is empty",
		"t":                                    "there is no mark",
		"N(\x85":                               "the stack is empty",
		"N(.":                                  "the stack is empty",
		"Na":                                   "the stack is empty",
		"NNa":                                  "a <nil> where a *pickle.List should be",
		"](Nu":                                 "a *pickle.List where a *pickle.Dict should be",
		"}(Nu":                                 "a key without a value",
		"}]Ns":                                 "a key of a dict is a *pickle.List",
		"}]\x85Ns":                             "a key of a dict is a *pickle.List",
		"}cm\nclass\nNs":                       "a key of a dict is a pickle.Global",
		"}}b":                                  "a dict has no attributes",
		"ccollections\nOrderedDict\n)RNb":      "the attributes of an OrderedDict are a <nil>",
		"NNR":                                  "a <nil> where a pickle.Tuple should be",
		"N)R":                                  "a <nil> where a pickle.Func should be",
		"R":                                    "the stack is empty",
		"b":                                    "the stack is empty",
		"Nb":                                   "the stack is empty",
		"NNb":                                  "a <nil> where a *pickle.Dict should be",
		"Q":                                    "the stack is empty",
		"cm\nf\n)R":                            "no arguments",
		"ccollections\nOrderedDict\nN\x85R":    "collections.OrderedDict has arguments that are no list",
		"ccollections\nOrderedDict\n](Ne\x85R": "an item of collections.OrderedDict is no key and value",
		"c_codecs\nencode\nNN\x86R":            "_codecs.encode is not called for bytes",
		"c_codecs\nencode\nX\x03\x00\x00\x00\xe2\x9c\x93X\x06\x00\x00\x00latin1\x86R": "a byte is 10003",
	} {
		_, err := known.Read([]byte(data))
		assert.ErrorContains(t, err, want, "%q", data)
	}
}

// budget is what a file of so many bytes may take.
func budget(size int) *Budget { return NewBudget(int64(20*size + 48<<20)) }

// bombs are pickles, many times over, of values that take more in Go than in the
// file, with what comes before them.
var bombs = map[string]struct{ start, repeated, end string }{
	"dicts":         {"", "}", "."},
	"lists":         {"", "]", "."},
	"tuples":        {"", ")", "."},
	"tuples of one": {")", "\x85", "."},
	"marks":         {"", "(", "."},
	"numbers":       {"(", "M\x00\x01", "t."},
	"long numbers":  {"(", "\x8a\x09........\x01", "t."},
	"texts":         {"(", "U\x00", "t."},
	"lists of one":  {"(", "]Na", "t."},
	"dicts of one":  {"(", "}NNs", "t."},
	"memo":          {"N", "r\x00\x01\x00\x00r\x00\x02\x00\x00", "."},
	"functions":     {"", "cm\nf\n", "."},
	"OrderedDicts":  {"ccollections\nOrderedDict\nq\x00)q\x01", "h\x00h\x01R", "."},
	"bytes": {"c_codecs\nencode\nq\x00X\x00\x00\x10\x00" + strings.Repeat("x", 1<<20) + "X\x06\x00\x00\x00latin1\x86q\x01",
		"h\x00h\x01R", "."},
}

// What a pickle makes takes no more than the budget, and what makes more is an error.
func TestBudget(t *testing.T) {
	for name, bomb := range bombs {
		data := []byte(bomb.start + strings.Repeat(bomb.repeated, (2<<20)/len(bomb.repeated)) + bomb.end)
		r := known
		r.Budget = budget(len(data))
		hostile.Read(t, len(data), func() { _, _ = r.Read(data) })
		assert.False(t, t.Failed(), "%s", name)
	}
	data := []byte(strings.Repeat("}", 20<<20))
	r := known
	r.Budget = budget(len(data))
	hostile.Read(t, len(data), func() {
		_, err := r.Read(data)
		assert.ErrorContains(t, err, "what the file makes takes more memory than it may: more than 469762048 bytes")
	})
	_, err := known.Read([]byte(strings.Repeat("}", 100) + ".")) // without a budget
	assert.NoError(t, err)
}

// No error is as long as what is in the file.
func TestShortErrors(t *testing.T) {
	long := strings.Repeat("x", 5<<20)
	_, err := known.Read([]byte("c" + long + "\n" + long + "\n"))
	assert.ErrorContains(t, err, strings.Repeat("x", 97)+"... is not known")
	assert.Less(t, len(err.Error()), 300)
}

func FuzzRead(f *testing.F) {
	data, err := Write(list(1, Tuple{2.5, "x"}, dict(true, "k", nil), []byte{1}, &Call{Global{"m", "f"}, Tuple{Persistent{1}}}))
	require.NoError(f, err)
	f.Add(data)
	f.Add([]byte("\x80\x02](K\x01M\x01\x02J\x01\x02\x03\x04\x8a\x01\x05\x88\x89N}(U\x01aNue."))
	for _, bomb := range bombs {
		if len(bomb.start) < 100 { // the engine is slow with long ones
			f.Add([]byte(bomb.start + strings.Repeat(bomb.repeated, 3) + bomb.end))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := known
		r.Budget = budget(len(data))
		var v any
		var err error
		hostile.Read(t, len(data), func() { v, err = r.Read(data) })
		if err != nil {
			assert.Less(t, len(err.Error()), 1000)
			return
		}
		if left := 10_000; !walk(v, &left) {
			return // a list that holds itself, for instance
		}
		written, err := Write(v)
		if err != nil {
			return // a function, or values too deep
		}
		again, err := known.Read(written)
		require.NoError(t, err)
		rewritten, err := Write(again)
		require.NoError(t, err)
		assert.Equal(t, written, rewritten)
	})
}

// walk goes through a value and reports whether it found all of it.
func walk(v any, left *int) bool {
	if *left--; *left < 0 {
		return false
	}
	switch v := v.(type) {
	case Tuple:
		return !slices.ContainsFunc(v, func(item any) bool { return !walk(item, left) })
	case *List:
		return walk(Tuple(slices.Collect(v.All)), left)
	case *Dict:
		return walk(Tuple(slices.Collect(v.entries.All)), left)
	case *Call:
		return walk(v.Args, left)
	case Persistent:
		return walk(v.ID, left)
	}
	return true
}

// Pickles one after the other, and what follows.
func TestStream(t *testing.T) {
	var file []byte
	values := []any{1, strings.Repeat("x", 100_000), list("a", "b"), Global{"m", "class"}}
	for _, v := range values {
		data, err := Write(v)
		require.NoError(t, err)
		file = append(file, data...)
	}
	in := NewStream(iotest.OneByteReader(strings.NewReader(string(file)+"rest")), int64(len(file)+4))
	for _, v := range values {
		got, err := known.ReadFrom(in)
		require.NoError(t, err)
		assert.Equal(t, v, got)
	}
	assert.Equal(t, int64(len(file)), in.Taken())
	_, err := known.ReadFrom(in)
	assert.ErrorContains(t, err, "at byte 0 of the pickle: the pickle is cut off")
	_, err = known.ReadFrom(NewStream(strings.NewReader("X\xff\xff\xff\x7f"), 5))
	assert.ErrorContains(t, err, "cut off", "and nothing is allocated for it")
	_, err = known.ReadFrom(NewStream(strings.NewReader("N"), 2))
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF, "the reader has less than was said")
}

// A list may hold itself.
func TestCycle(t *testing.T) {
	l := list(1)
	l.Add(l)
	data, err := Write(l)
	require.NoError(t, err)
	got, err := known.Read(data)
	require.NoError(t, err)
	items := slices.Collect(got.(*List).All)
	assert.Equal(t, 1, items[0])
	assert.Same(t, got, items[1])
}
