// Package torchtest helps to test gotorch: golden files made by Python's torch,
// and a check that no test leaves tensors behind.
package torchtest

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/torch"
)

// Main runs the tests of a package and exits, with the instruction set of the golden
// files. It fails if libtorch cannot be loaded, and if tensors are alive after the
// tests and a garbage collection. TestMain calls it.
func Main(m *testing.M) {
	if err := errors.Join(setISA(), cgotorch.Load()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := useDevice(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	n := Settled()
	// What a process group holds is garbage after its threads have ended, which takes a while.
	for wait := 10 * time.Millisecond; n != 0 && code == 0 && wait < 4*time.Second; wait *= 2 {
		time.Sleep(wait)
		n = Settled()
	}
	if n != 0 && code == 0 {
		fmt.Fprintf(os.Stderr, "FAIL: the tests left %d tensors alive\n%s", n, torch.LiveTensorReport())
		code = 1
	}
	os.Exit(code)
}

// Fails returns the error that f panics with; the test ends if there is none.
func Fails(t *testing.T, f func()) *torch.Error {
	t.Helper()
	var e *torch.Error
	require.ErrorAs(t, torch.Try(f), &e)
	return e
}

// Header says where a golden file's values come from.
type Header struct {
	Script  string `json:"script"`
	Torch   string `json:"torch"`
	ISA     string `json:"isa"` // "avx2"
	Threads int    `json:"threads"`
	Kernels string `json:"kernels"` // a digest of what MKL makes of a few numbers
}

// Exact reports whether the values must be equal bit for bit: where the running
// libtorch has the version, the vector instructions and MKL's kernels of the one that
// made them. That is so on processors with AVX2, those with AVX-512 among them, but
// for those on which MKL takes other kernels, whatever it is told: Intel's, where
// AMD's made the files.
func (h Header) Exact() bool {
	return device.IsCPU() && h.Torch == torch.Version() && strings.EqualFold(h.ISA, torch.CPUCapability()) && h.Kernels == kernels()
}

// Run calls f, and skips the test where f panics because libtorch, another than the
// one that made the values, lacks an operator or an argument of one.
func (h Header) Run(t *testing.T, f func()) {
	t.Helper()
	err := torch.Try(f)
	if h.Torch != torch.Version() && errors.Is(err, &torch.Error{Kind: torch.UnsupportedError}) {
		t.Skip(err)
	}
	require.NoError(t, err)
}

// Golden reads a golden file, whose cases go to cases, and returns its header. It
// sets the file's number of threads, and logs how values are to be compared.
func Golden(t *testing.T, path string, cases any) Header {
	t.Helper()
	data := ReadFile(t, path)
	var header struct {
		Header Header `json:"header"`
		Cases  any    `json:"cases"`
	}
	header.Cases = cases
	require.NoError(t, json.Unmarshal(data, &header))
	h := header.Header
	require.NotEmpty(t, h.Torch)
	before := torch.NumThreads()
	torch.SetNumThreads(h.Threads)
	t.Cleanup(func() { torch.SetNumThreads(before) })
	if h.Exact() {
		t.Logf("%s: bit for bit (torch %s, %s)", path, h.Torch, h.ISA)
	} else {
		t.Logf("%s: within a tolerance, since it is of torch %s with %s and MKL's kernels %s, and this is %s with %s and %s",
			path, h.Torch, h.ISA, h.Kernels, torch.Version(), torch.CPUCapability(), kernels())
	}
	return h
}

// ReadFile reads a file, whose name ends in .gz if it is compressed.
func ReadFile(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	if strings.HasSuffix(path, ".gz") {
		plain, err := gzip.NewReader(bytes.NewReader(data))
		require.NoError(t, err)
		data, err = io.ReadAll(plain)
		require.NoError(t, err)
	}
	return data
}

// Unpack writes a file whose name ends in .gz, unpacked and without that ending, into a
// folder of the test, and returns its path.
func Unpack(t testing.TB, packed string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), strings.TrimSuffix(filepath.Base(packed), ".gz"))
	require.NoError(t, os.WriteFile(path, ReadFile(t, packed), 0o600))
	return path
}

// Tensor is a tensor in a golden file: its elements are the bytes of the dtype,
// little-endian, row-major, in base64.
type Tensor struct {
	DType string `json:"dtype"`
	Shape []int  `json:"shape"`
	Data  string `json:"data"`
}

var dtypes = map[string]torch.DType{
	"float32": torch.Float32, "float64": torch.Float64, "int64": torch.Int64, "int32": torch.Int32,
	"int16": torch.Int16, "int8": torch.Int8, "uint8": torch.Uint8, "bool": torch.Bool,
	"complex64": torch.Complex64, "complex128": torch.Complex128,
}

// Make returns the tensor, on the device that tests are told to use.
func (g Tensor) Make(t *testing.T) *torch.Tensor {
	t.Helper()
	x := g.onCPU(t)
	if device.IsCPU() {
		return x
	}
	return x.To(device)
}

// onCPU returns the tensor on the CPU.
func (g Tensor) onCPU(t *testing.T) *torch.Tensor {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(g.Data)
	require.NoError(t, err)
	switch g.DType {
	case "float32":
		return torch.FromSlice(decode[float32](t, raw), g.Shape...)
	case "float64":
		return torch.FromSlice(decode[float64](t, raw), g.Shape...)
	case "int64":
		return torch.FromSlice(decode[int64](t, raw), g.Shape...)
	case "int32":
		return torch.FromSlice(decode[int32](t, raw), g.Shape...)
	case "int16":
		return torch.FromSlice(decode[int16](t, raw), g.Shape...)
	case "int8":
		return torch.FromSlice(decode[int8](t, raw), g.Shape...)
	case "uint8":
		return torch.FromSlice(raw, g.Shape...)
	case "bool":
		return torch.FromSlice(decode[bool](t, raw), g.Shape...)
	case "complex64":
		return torch.FromSlice(decode[complex64](t, raw), g.Shape...)
	case "complex128":
		return torch.FromSlice(decode[complex128](t, raw), g.Shape...)
	}
	require.Fail(t, "golden tensor of unknown dtype", g.DType)
	return nil
}

func decode[T any](t *testing.T, raw []byte) []T {
	t.Helper()
	values := make([]T, len(raw)/binary.Size(*new(T)))
	_, err := binary.Decode(raw, binary.LittleEndian, values)
	require.NoError(t, err)
	return values
}

// Check compares got with the golden tensor: dtype, shape and elements. Integers and
// bools must be equal, unless they are not exact and the tolerance is 1 or more, as of
// roundings. Exact other ones must have the same bits, NaN for NaN; else they may
// differ by tolerance, relative to the greater of 1 and the golden value. Errors name what
// was checked, as fmt.Println writes it.
func (g Tensor) Check(t *testing.T, got *torch.Tensor, exact bool, tolerance float64, what ...any) bool {
	t.Helper()
	name := strings.TrimSpace(fmt.Sprintln(what...))
	if !assert.NotNil(t, got, name) ||
		!assert.Equal(t, dtypes[g.DType], got.DType(), name) ||
		!assert.Equal(t, append([]int{}, g.Shape...), append([]int{}, got.Shape()...), name) {
		return false
	}
	want := g.onCPU(t)
	if d := got.DType(); !d.IsFloatingPoint() && !d.IsComplex() {
		a, b := torch.ToSlice[int64](want), torch.ToSlice[int64](got)
		if exact || tolerance < 1 {
			return assert.Equal(t, a, b, name)
		}
		return assert.InDeltaSlice(t, a, b, tolerance, name)
	}
	a, b := torch.ToSlice[complex128](want), torch.ToSlice[complex128](got)
	for i := range a {
		if !near(real(a[i]), real(b[i]), exact, tolerance) || !near(imag(a[i]), imag(b[i]), exact, tolerance) {
			return assert.Fail(t, fmt.Sprintf("element %d is %v, want %v (exact: %v)", i, b[i], a[i], exact), name)
		}
	}
	return true
}

func near(want, got float64, exact bool, tolerance float64) bool {
	if math.IsNaN(want) {
		return math.IsNaN(got)
	}
	if exact || math.IsInf(want, 0) {
		return want == got && math.Signbit(want) == math.Signbit(got)
	}
	return math.Abs(want-got) <= tolerance*max(1, math.Abs(want))
}
