package aoti

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch/internal/pytree"
)

// Info is what a package says of a model.
type Info struct {
	Model    string            // its name in the package
	Device   string            // the type of the device that it was compiled for, such as "cpu"
	Metadata map[string]string // what PyTorch notes, such as "AOTI_CPU_ISA", and what was given as aot_inductor.metadata

	Inputs      []Input    // the tensors that it takes, in order
	Outputs     int        // how many it gives
	Constants   []Constant // its weights
	LibraryName string     // the file with its code
	LibrarySize int        // in bytes
	Trouble     error      // why it cannot run on this machine, or nil, as far as the package tells
}

// Inspect returns what a package, a .pt2 file or the folder that it was unpacked to, says
// of its models. It loads none of their code, and needs no libtorch. It fails on a file of
// another kind, one that is cut off or damaged, and a model that is not complete.
func Inspect(path string) ([]Info, error) {
	f, err := openFiles(path)
	if err != nil {
		return nil, fmt.Errorf("aoti.Inspect: %s: %w", path, err)
	}
	defer f.Close()
	names, err := f.list()
	if err != nil {
		return nil, fmt.Errorf("aoti.Inspect: %s: %w", path, err)
	}
	var list []Info
	for _, name := range modelsOf(names) {
		m, err := readModel(f, names, name)
		if err != nil {
			return nil, fmt.Errorf("aoti.Inspect: %s: model %s: %w", path, brief.Text(name), err)
		}
		m.Trouble = m.runsHere(f)
		list = append(list, m.Info)
	}
	return list, nil
}

// modelsOf returns the names of the models whose files are those.
func modelsOf(files []string) []string {
	var list []string
	for _, name := range files {
		if model, _, ok := strings.Cut(name, "/"); ok {
			list = append(list, model)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// model is a model in a package.
type model struct {
	Info
	library string   // its path
	others  []string // the paths of files that it may look for when it is loaded or runs
	in, out *pytree.Tree
}

// The ends of the names of a model's files; those that it never looks for; and how large
// those may be that are read into memory.
const (
	libraryEnd  = ".so"
	sourceEnd   = ".cpp"
	metadataEnd = "_metadata.json"
	maxText     = 256 << 20
)

var unused = []string{sourceEnd, ".h", ".txt", metadataEnd, "_compile_flags.json", "_linker_flags.json"}

// readModel reads what a package says of a model.
func readModel(f files, names []string, name string) (*model, error) {
	m := &model{Info: Info{Model: name}}
	var libraries []string
	for _, file := range names {
		within, ok := strings.CutPrefix(file, name+"/")
		if !ok {
			continue
		}
		if !fs.ValidPath(within) || strings.ContainsAny(within, "\\\x00") {
			return nil, fmt.Errorf("file %q is not below its folder", brief.Text(within))
		}
		switch {
		case strings.HasSuffix(file, libraryEnd):
			libraries = append(libraries, file)
		case !slices.ContainsFunc(unused, func(end string) bool { return strings.HasSuffix(file, end) }):
			m.others = append(m.others, file)
		}
	}
	// Others are kernels that the one with a source loads.
	for _, file := range libraries {
		if slices.Contains(names, strings.TrimSuffix(file, libraryEnd)+sourceEnd) && m.library == "" {
			m.library = file
		} else {
			m.others = append(m.others, file)
		}
	}
	if m.library == "" {
		if len(libraries) == 0 && slices.ContainsFunc(names, func(file string) bool { return strings.HasSuffix(file, sourceEnd) }) {
			return nil, errors.New("it has C++ only, which is not compiled here: package it without package_cpp_only")
		}
		return nil, errors.New("it has no library with its C++ beside it, which says what inputs it takes")
	}
	return m, m.read(f)
}

// read reads the files that tell of the model.
func (m *model) read(f files) error {
	stem := strings.TrimSuffix(m.library, libraryEnd)
	data, err := readText(f, stem+metadataEnd)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, &m.Metadata); err != nil {
		return fmt.Errorf("its metadata: %w", err)
	}
	m.Device = m.Metadata["AOTI_DEVICE_KEY"]
	if m.Device == "" {
		return errors.New("its metadata does not say which device it was compiled for")
	}
	if data, err = readText(f, stem+sourceEnd); err != nil {
		return err
	}
	s, err := readSource(string(data))
	if err != nil {
		return fmt.Errorf("its C++: %w", err)
	}
	m.Inputs, m.Outputs, m.Constants = s.inputs, s.outputs, s.constants
	if err := m.readTrees(s); err != nil {
		return err
	}
	library, err := f.open(m.library)
	if err != nil {
		return err
	}
	m.LibraryName, m.LibrarySize = path.Base(m.library), int(library.Size())
	return library.Close()
}

// readTrees reads how arguments and results lie, and gives inputs the names of their places.
func (m *model) readTrees(s *source) (err error) {
	if m.in, err = pytree.Parse(s.in); err != nil {
		return fmt.Errorf("how its arguments lie: %w", err)
	}
	if m.out, err = pytree.Parse(s.out); err != nil {
		return fmt.Errorf("how its results lie: %w", err)
	}
	places, err := m.in.LocateArguments(nil)
	if err != nil {
		return err
	}
	if len(places) < len(m.Inputs) {
		return fmt.Errorf("it takes %d tensors in %d arguments", len(m.Inputs), len(places))
	}
	if n := m.out.Leaves(); n != m.Outputs {
		return fmt.Errorf("it gives %d tensors as %d results", m.Outputs, n)
	}
	for i := range m.Inputs {
		m.Inputs[i].Name = fmt.Sprintf("tensor %d", i)
		if len(places) == len(m.Inputs) {
			m.Inputs[i].Name = places[i]
		}
	}
	return nil
}

// readText returns the content of a file that is not large.
func readText(f files, name string) ([]byte, error) {
	c, err := f.open(name)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if c.Size() > maxText {
		return nil, fmt.Errorf("file %q has %d bytes, more than such a file may have", brief.Text(name), c.Size())
	}
	data := make([]byte, c.Size())
	if _, err := io.ReadFull(c, data); err != nil {
		return nil, fmt.Errorf("file %q: %w", brief.Text(name), err)
	}
	return data, nil
}

// runsHere says why the model cannot run on this machine, if the package tells.
func (m *model) runsHere(f files) error {
	if system := m.Metadata["AOTI_PLATFORM"]; system != "" && system != runtime.GOOS {
		return fmt.Errorf("it was compiled for %s, and this is %s", brief.Text(system), runtime.GOOS)
	}
	library, err := f.open(m.library)
	if err != nil {
		return err
	}
	defer library.Close()
	if err := checkLibrary(library); err != nil {
		return err
	}
	return checkInstructions(m.Metadata["AOTI_CPU_ISA"], processor())
}
