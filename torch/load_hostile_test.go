package torch_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/hostile"
	"github.com/wangkuiyi/gotorch/internal/pickle"
	"github.com/wangkuiyi/gotorch/internal/ptzip"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

// A tensor must lie within its storage, however large its numbers are.
func TestLoadHostileTensors(t *testing.T) {
	tensor := func(class string, key any, n int, offset any, size, stride pickle.Tuple) any {
		id := pickle.Persistent{ID: pickle.Tuple{"storage", pickle.Global{Module: "torch", Name: class}, key, "cpu", n}}
		return &pickle.Call{Func: pickle.Global{Module: "torch._utils", Name: "_rebuild_tensor_v2"},
			Args: pickle.Tuple{id, offset, size, stride, false, &pickle.Dict{Ordered: true}}}
	}
	type tuple = pickle.Tuple
	halves, err := pickle.NewDict(false, "x", 0.5)
	require.NoError(t, err)
	const large = math.MaxInt64
	meta := func(size, stride any) any {
		return &pickle.Call{Func: pickle.Global{Module: "torch._utils", Name: "_rebuild_meta_tensor_no_storage"},
			Args: tuple{pickle.Global{Module: "torch", Name: "float32"}, size, stride, false}}
	}
	load := func(value any) error {
		data, err := pickle.Write(value)
		require.NoError(t, err)
		r := torchtest.Archive(t, data)
		_, err = torch.LoadFrom(r, r.Size())
		return err
	}
	assert.NoError(t, load(tensor("FloatStorage", "0", 4, 0, tuple{2, 2}, tuple{2, 1})))
	assert.NoError(t, load(tensor("FloatStorage", "0", 4, 4, tuple{large, 0}, tuple{large, large})))
	before := torchtest.Settled()
	for i, value := range []any{
		tensor("FloatStorage", "0", 4, 1, tuple{2, 2}, tuple{2, 1}),
		tensor("FloatStorage", "0", 4, 5, tuple{0}, tuple{1}),
		tensor("FloatStorage", "0", 4, -1, tuple{2}, tuple{1}),
		tensor("FloatStorage", "0", 4, 0, tuple{-2}, tuple{1}),
		tensor("FloatStorage", "0", 4, 3, tuple{2}, tuple{-1}),
		tensor("FloatStorage", "0", 4, 0, tuple{2}, tuple{large}),
		tensor("FloatStorage", "0", 4, 0, tuple{large, large}, tuple{0, 0}),
		tensor("FloatStorage", "0", 4, 0, tuple{3, 3}, tuple{large/2 + 1, large/2 + 1}),
		tensor("FloatStorage", "0", 4, 0, tuple{2, 2}, tuple{1}),
		tensor("FloatStorage", "0", 4, "0", tuple{2}, tuple{1}),
		tensor("FloatStorage", "0", 4, 0, tuple{"2"}, tuple{1}),
		tensor("FloatStorage", "0", 5, 0, tuple{2}, tuple{1}),
		tensor("FloatStorage", "0", -4, 0, tuple{2}, tuple{1}),
		tensor("FloatStorage", "0", 1<<62+4, 0, tuple{2}, tuple{1}),
		tensor("FloatStorage", "1", 4, 0, tuple{2}, tuple{1}),
		tensor("FloatStorage", 0, 4, 0, tuple{2}, tuple{1}),
		tensor("NoStorage", "0", 4, 0, tuple{2}, tuple{1}),
		tensor("float32", "0", 4, 0, tuple{2}, tuple{1}),
		meta(tuple{large}, tuple{2}),
		meta(tuple{-1}, tuple{1}),
		meta(tuple{2}, tuple{-1}),
		meta(tuple{2, 2}, tuple{1}),
		meta(tuple{2}, 1),
		pickle.Persistent{ID: "storage"},
		&pickle.Call{Func: pickle.Global{Module: "torch", Name: "device"}, Args: tuple{"toaster"}},
		&pickle.Call{Func: pickle.Global{Module: "torch", Name: "device"}},
		&pickle.Call{Func: pickle.Global{Module: "torch", Name: "Size"}, Args: tuple{1}},
		&pickle.Call{Func: pickle.Global{Module: "collections", Name: "Counter"}, Args: tuple{1}},
		&pickle.Call{Func: pickle.Global{Module: "collections", Name: "Counter"}, Args: tuple{halves}},
		&pickle.Call{Func: pickle.Global{Module: "__builtin__", Name: "complex"}, Args: tuple{1.0}},
		&pickle.Call{Func: pickle.Global{Module: "torch._utils", Name: "_rebuild_parameter"}, Args: tuple{1, true}},
		&pickle.Call{Func: pickle.Global{Module: "torch._utils", Name: "_rebuild_tensor_v3"}, Args: tuple{1}},
	} {
		assert.Error(t, load(value), "case %d", i)
	}
	assert.Equal(t, before, torchtest.LiveTensors())
}

func TestLoadBomb(t *testing.T) {
	// [], [0, 0, ... 0], and so on: each has the one before eleven times.
	text := "\x80\x02]q\x00"
	for i := range 20 {
		text += "]q" + string(rune(i+1)) + "("
		for range 11 {
			text += "h" + string(rune(i))
		}
		text += "e"
	}
	r := torchtest.Archive(t, []byte(text+"."))
	_, err := torch.LoadFrom(r, r.Size())
	assert.ErrorContains(t, err, "what the file makes takes more memory than it may: more than")
	r = torchtest.Archive(t, []byte("\x80\x02]q\x00h\x00a.")) // it holds itself
	itself, err := torch.LoadFrom(r, r.Size())
	require.NoError(t, err)
	assert.Same(t, &itself.([]any)[0], &itself.([]any)[0].([]any)[0])
}

// loadHostile loads a pickle beside 16 bytes of storage, and checks what that takes.
func loadHostile(t *testing.T, data string) (value any, err error) {
	r := torchtest.Archive(t, []byte(data))
	hostile.Read(t, int(r.Size()), func() { value, err = torch.LoadFrom(r, r.Size()) })
	if err != nil {
		assert.Less(t, len(err.Error()), 5000) // the sizes and strides of 64 dimensions
	}
	return value, err
}

var (
	// nested is a tuple in a tuple, many times.
	nested = ")" + strings.Repeat("\x85", 600_000)
	// shared is a tuple of one tuple twice, many times.
	shared = "X\x01\x00\x00\x00xq\x01" + strings.Repeat("h\x01h\x01\x86q\x01", 28)
)

// What an error says of a value is short, and found out without going through it.
func TestLoadHostileErrors(t *testing.T) {
	long := strings.Repeat("x", 5<<20)
	text := "X\x00\x00\x50\x00" + long
	for _, bad := range []string{nested, shared, text} {
		for _, data := range []string{
			"%sQ.", // kept beside the pickle
			"ctorch\ndevice\nX\x03\x00\x00\x00cpu%s\x86R.",
			"ctorch\ndevice\n%s\x85R.",
			"ccollections\nCounter\n}X\x01\x00\x00\x00a%ss\x85R.",
			"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000%sK\x04tQ.",
			"(X\x07\x00\x00\x00storagectorch\nFloatStorage\n%sX\x03\x00\x00\x00cpuK\x04tQ.",
			"ctorch._utils\n_rebuild_parameter\n%s\x88\x86R.",
			"ctorch\nSize\n%s\x85R%s\x85R.",
			"}%sNs.",
			"c__builtin__\ncomplex\n%s\x85R.",
		} {
			_, err := loadHostile(t, strings.ReplaceAll(data, "%s", bad))
			if data == "}%sNs." && bad == text {
				assert.NoError(t, err) // a long key is one
				continue
			}
			assert.Error(t, err, "%q", data)
		}
	}
	for _, data := range []string{"ctorch\n" + long + "\n.", "c" + long + "\nx\n."} {
		_, err := loadHostile(t, data)
		assert.ErrorContains(t, err, "the file names ")
	}
	_, err := loadHostile(t, nested+".")
	assert.ErrorContains(t, err, "values are nested more than 1000 deep")
	_, err = loadHostile(t, shared+".")
	assert.ErrorContains(t, err, "what the file makes takes more memory than it may: more than")

	data := torchtest.Archive(t, []byte("}"+text+"K\x01s."))
	path := filepath.Join(t.TempDir(), "long.pt")
	file := make([]byte, data.Size())
	_, err = data.ReadAt(file, 0)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, file, 0o600))
	_, err = torch.LoadAs[map[string]string](path)
	assert.ErrorContains(t, err, "xxx...: the int 1 cannot be a string")
	assert.Less(t, len(err.Error()), 1000)
	_, err = torch.LoadAs[map[int]int](path)
	assert.ErrorContains(t, err, "xxx... cannot be a int")
	assert.Less(t, len(err.Error()), 1000)
}

// bombs are pickles, many times over, of calls that make much of little, with what
// comes before and after them.
var bombs = map[string]struct{ start, repeated, end string }{
	"tensors":      {tensorPickle("(K\x01t", "(K\x01t", "N") + "q\x01(", "h\x02h\x03R", "t."},
	"views":        {tensorPickle("(J\x00\x00\x00\x40t", "(K\x00t", negated) + "(", "h\x02h\x03R", "t."},
	"meta tensors": {"ctorch._utils\n_rebuild_meta_tensor_no_storage\nq\x02(ctorch\nfloat32\n(K\x01t(K\x01t\x88tq\x03(", "h\x02h\x03R", "t."},
	"bytes": {"c_codecs\nencode\nq\x02X\x00\x00\x10\x00" + strings.Repeat("x", 1<<20) + "X\x06\x00\x00\x00latin1\x86q\x03(",
		"h\x02h\x03R", "t."},
	"counters": {"ccollections\nCounter\nq\x02}(" + numbers(1<<16, "K\x01") + "u\x85q\x03(", "h\x02h\x03R", "t."},
	"devices":  {"ctorch\ndevice\nq\x02X\x03\x00\x00\x00cpu\x85q\x03(", "h\x02h\x03R", "t."},
	"complex":  {"c__builtin__\ncomplex\nq\x02G........G........\x86q\x03(", "h\x02h\x03R", "t."},
	"dicts":    {"", "}", "."},
	"one list": {"](" + numbers(1<<14, "") + "eq\x03(", "h\x03", "t."},
	"one dict": {"}(" + numbers(1<<14, "N") + "uq\x03(", "h\x03", "t."},
	"one key":  {"X\x00\x00\x10\x00" + strings.Repeat("x", 1<<20) + "q\x03}(", "h\x03N", "u."},
	"ordered":  {"ccollections\nOrderedDict\n)R(", "M\x07\x01N", "u."},
	"storages": {"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x04tq\x03(", "h\x03Q", "t."},
}

const negated = "}(X\x03\x00\x00\x00neg\x88X\x04\x00\x00\x00conj\x88u"

// tensorPickle returns a pickle that puts the function that makes a tensor of
// complex numbers and its arguments into places 2 and 3 of the memo.
func tensorPickle(size, stride, metadata string) string {
	return "ctorch._utils\n_rebuild_tensor_v2\nq\x02(" +
		"(X\x07\x00\x00\x00storagectorch\nComplexFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x02tQK\x00" +
		size + stride + "\x88N" + metadata + "tq\x03"
}

// numbers returns the opcodes of n numbers, each followed by others.
func numbers(n int, others string) string {
	var b []byte
	for i := range n {
		b = binary.LittleEndian.AppendUint32(append(b, 'J'), uint32(i))
		b = append(b, others...)
	}
	return string(b)
}

// What a file makes takes no more than 20 times its size and 64 MB.
func TestLoadBudget(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(bombs)) {
		bomb := bombs[name]
		torch.Scope(func() {
			_, _ = loadHostile(t, bomb.start+strings.Repeat(bomb.repeated, (1<<19)/len(bomb.repeated))+bomb.end)
		})
		assert.False(t, t.Failed(), name)
	}
}

// What many files have many of is within the budget.
func TestLoadLarge(t *testing.T) {
	const n = 50_000
	byNumber, byName, counter := map[int]int{}, torch.OrderedDict{}, torch.Counter{}
	floats, small, pairs := make([]float64, n), make([]int, n), make([]torch.Tuple, n)
	for i := range n {
		name := strconv.Itoa(i)
		byNumber[i], counter[name] = i, i
		byName = append(byName, torch.Item{Key: name, Value: i})
		floats[i], small[i], pairs[i] = float64(i)/2, i%200, torch.Tuple{i, name}
	}
	torch.Scope(func() {
		tensors := make(map[string]*torch.Tensor, n/20)
		for i := range n / 20 {
			tensors[strconv.Itoa(i)] = torch.Full(nil, i)
		}
		for _, value := range []any{byNumber, byName, counter, floats, small, pairs, tensors} {
			var file bytes.Buffer
			require.NoError(t, torch.SaveTo(value, &file))
			var loaded any
			hostile.Read(t, file.Len(), func() {
				var err error
				loaded, err = torch.LoadFrom(bytes.NewReader(file.Bytes()), int64(file.Len()))
				require.NoError(t, err)
			})
			switch v := loaded.(type) {
			case map[any]any:
				assert.Len(t, v, n)
				assert.Equal(t, n-1, v[n-1])
			case torch.OrderedDict:
				assert.Equal(t, byName, v)
			case torch.Counter:
				assert.Equal(t, counter, v)
			case []any:
				assert.Len(t, v, n)
			case map[string]any:
				assert.Len(t, v, n/20)
				assert.Equal(t, 7, v["7"].(*torch.Tensor).Int())
			default:
				t.Errorf("a %T", loaded)
			}
		}
	})
}

func TestLoadMaxMemory(t *testing.T) {
	r := torchtest.Archive(t, []byte("("+strings.Repeat("}", 1<<20)+"t."))
	_, err := torch.LoadFrom(r, r.Size())
	assert.ErrorContains(t, err, "what the file makes takes more memory than it may: more than")
	assert.ErrorContains(t, err, "MaxMemory")
	value, err := torch.LoadFrom(r, r.Size(), torch.LoadOptions{MaxMemory: new(1 << 30)})
	require.NoError(t, err)
	assert.Len(t, value, 1<<20)
	_, err = torch.Load(saved+"views.pt", torch.LoadOptions{MaxMemory: new(10_000)})
	assert.ErrorContains(t, err, "more than 10000 bytes")
}

// A negated view of many elements on few bytes stays a view.
func TestLoadNegatedView(t *testing.T) {
	value, err := loadHostile(t, tensorPickle("(J\x00\x00\x00\x40t", "(K\x00t", negated)+"R.")
	require.NoError(t, err)
	x := value.(*torch.Tensor)
	assert.Equal(t, []int{1 << 30}, x.Shape())
	assert.Equal(t, []int{0}, x.Stride())
	assert.True(t, x.IsNeg())
	assert.True(t, x.IsConj())
	assert.Equal(t, []complex128{0, 0}, torch.ToSlice[complex128](x.Narrow(0, 1<<29, 2)))
}

// seeds gives the pickles of Python's files and all bombs, small, to a fuzzer.
func seeds(f *testing.F, add func(data []byte)) {
	files, err := filepath.Glob(saved + "*.pt")
	require.NoError(f, err)
	require.NotEmpty(f, files)
	for _, path := range files {
		file, err := os.ReadFile(path)
		require.NoError(f, err)
		if r, err := ptzip.NewReader(bytes.NewReader(file), int64(len(file))); err == nil {
			data, err := r.Pickle()
			require.NoError(f, err)
			add(data)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(bombs)) {
		if bomb := bombs[name]; len(bomb.start) < 1000 {
			add([]byte(bomb.start + bomb.repeated + bomb.repeated + bomb.end))
		}
	}
}

// FuzzLoad loads any pickle from a file that is whole.
func FuzzLoad(f *testing.F) {
	seeds(f, func(data []byte) { f.Add(data) })
	f.Fuzz(func(t *testing.T, data []byte) {
		torch.Scope(func() {
			if value, err := loadHostile(t, string(data)); err == nil {
				left := 1000
				use(value, &left)
			}
		})
	})
}

// FuzzLoadFile loads any file. Those that it starts from have no checksums, so that
// what is changed is read.
func FuzzLoadFile(f *testing.F) {
	seeds(f, func(data []byte) {
		var file bytes.Buffer
		w := zip.NewWriter(&file)
		for name, content := range map[string]string{"a/data.pkl": string(data), "a/data/0": "0123456789abcdef", "a/byteorder": "little"} {
			size := uint64(len(content))
			record, err := w.CreateRaw(&zip.FileHeader{Name: name, CompressedSize64: size, UncompressedSize64: size})
			require.NoError(f, err)
			_, err = io.WriteString(record, content)
			require.NoError(f, err)
		}
		require.NoError(f, w.Close())
		f.Add(file.Bytes())
	})
	legacy, err := filepath.Glob(saved + "legacy_*.pt")
	require.NoError(f, err)
	for _, path := range append(legacy, saved+"part.pt", saved+"big_endian.pt") {
		file, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		torch.Scope(func() {
			var value any
			var err error
			hostile.Read(t, len(data), func() { value, err = torch.LoadFrom(bytes.NewReader(data), int64(len(data))) })
			if err != nil {
				assert.Less(t, len(err.Error()), 5000) // the sizes and strides of 64 dimensions
				return
			}
			left := 1000
			use(value, &left)
		})
	})
}

// use goes through a value, as far as it may, and reads small tensors.
func use(value any, left *int) {
	if *left--; *left < 0 {
		return
	}
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			use(item, left)
		}
	case torch.Tuple:
		use([]any(v), left)
	case torch.OrderedDict:
		for _, item := range v {
			use(item.Key, left)
			use(item.Value, left)
		}
	case map[string]any:
		for _, item := range v {
			use(item, left)
		}
	case map[any]any:
		for key, item := range v {
			use(key, left)
			use(item, left)
		}
	case torch.Set:
		use([]any(v), left)
	case *torch.Storage:
		use(v.Tensor(), left)
	case *torch.Tensor:
		if v.IsQuantized() || v.Layout() != torch.Strided {
			if v.Numel() < 1000 {
				_ = torch.Try(func() { _ = v.String() })
			}
			return
		}
		if v.Numel() < 1000 && !v.IsMeta() {
			_ = torch.Try(func() { torch.ToSlice[complex128](v) }) // what the negative of a bool is, nobody knows
		}
		_ = v.Shape()
	}
}
