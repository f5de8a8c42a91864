// Package jit runs programs of TorchScript: models that Python has written with
// torch.jit.save, with their weights and their code, without Python.
//
//	net, err := jit.Load("model.pt")
//	...
//	y, err := net.Run(x)
//
// PyTorch calls TorchScript legacy and deprecates it: its own advice is torch.export, whose
// programs package export runs. This package is for the files that there are.
//
// https://docs.pytorch.org/docs/stable/jit.html
package jit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/wangkuiyi/gotorch/internal"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/mapped"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// internals is what package torch has for this module alone.
var internals = torch.Internal.Export(&internal.NotForPublicUse{})

// Module is a program of TorchScript, or one of the modules in it, each a *Module that
// [nn.Module.GetSubmodule] finds. Its parameters and buffers are the program's own, by
// their names there, so optimizers train them, state dicts fit, and To, Train and Eval hold
// for the program.
//
// Any number of goroutines may run it at once. A program whose methods change attributes,
// such as one that remembers a state from call to call, runs one call after the other, and
// nobody says in which order.
//
// https://docs.pytorch.org/docs/stable/generated/torch.jit.ScriptModule.html
type Module struct {
	nn.Module
	// ExtraFiles are the extra files that the file has beside the program, by name, which
	// [Save] writes again: Python's _extra_files. Modules within a program have none.
	ExtraFiles map[string][]byte

	program *program `nn:"-"`
	path    string   // in the program
}

// LoadOptions are the options of [Load].
type LoadOptions struct {
	MapLocation torch.Device // where the tensors are put; default: where they were when they were saved
	MaxMemory   *int         // how many bytes all that the file holds may take; default: 20 times the file's size and 48 MiB
}

// Load reads a program that Python's torch.jit.save or [Save] wrote.
//
// A program is code, and may do whatever its operators can, but read and write files, for
// which Load refuses it. Load checks the file before libtorch reads it: its records and
// their sizes, which tensors lie in which memory, how deep its code is nested. That finds
// files that are cut off, damaged or of another kind, and says what they are. It is no wall
// against a file that was made to do harm: as with Python's torch.jit.load, load only what
// you trust. A program may also run for ever, or take all memory, when it is called.
//
// It fails on operators that this libtorch lacks, and on a device that is not there.
//
// https://docs.pytorch.org/docs/stable/generated/torch.jit.load.html
func Load(path string, options ...LoadOptions) (*Module, error) {
	file, err := mapped.Open(path)
	if err != nil {
		return nil, fmt.Errorf("jit.Load: %w", err)
	}
	defer file.Close()
	m, err := load(file.Bytes(), options)
	if err != nil {
		return nil, fmt.Errorf("jit.Load: %s: %w", path, err)
	}
	return m, nil
}

// LoadFrom is [Load] from a reader of size bytes, such as a [bytes.Reader].
func LoadFrom(r io.ReaderAt, size int64, options ...LoadOptions) (*Module, error) {
	if r == nil {
		return nil, errors.New("jit.LoadFrom: the reader is nil")
	}
	if size < 0 || size > math.MaxInt32<<20 {
		return nil, fmt.Errorf("jit.LoadFrom: a file of %d bytes", size)
	}
	data, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	var m *Module
	if err == nil {
		m, err = load(data, options)
	}
	if err != nil {
		return nil, fmt.Errorf("jit.LoadFrom: %w", err)
	}
	return m, nil
}

func load(data []byte, options []LoadOptions) (*Module, error) {
	o, err := option.AtMostOne(options)
	if err != nil {
		return nil, err
	}
	extra, err := check(bytes.NewReader(data), int64(len(data)), o)
	if err != nil {
		return nil, err
	}
	s, err := internals.LoadScript(data, o.MapLocation)
	if err != nil {
		return nil, explain(err)
	}
	m, err := newModule(s)
	if err != nil {
		s.Free()
		return nil, err
	}
	m.ExtraFiles = extra
	return m, nil
}

// Close frees the program, of whose modules this may be any. Calls that run end as if it
// were there, later ones fail. Tensors that it gave, and its parameters, live on until they
// are closed themselves.
func (m *Module) Close() {
	if m != nil && m.program != nil {
		m.program.Free()
	}
}
