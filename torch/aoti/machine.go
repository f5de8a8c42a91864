package aoti

import (
	"debug/elf"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sys/cpu"

	"github.com/wangkuiyi/gotorch/internal/brief"
)

// machines are ELF's for Go's architectures.
var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// checkLibrary says why the system's loader cannot open a library, if that is so.
func checkLibrary(r io.ReaderAt) error {
	file, err := elf.NewFile(r)
	if err != nil {
		return fmt.Errorf("its library is none of Linux's: %w", err)
	}
	if want := machines[runtime.GOARCH]; file.Machine != want || file.Class != elf.ELFCLASS64 {
		return fmt.Errorf("it was compiled for another processor: its library is for %s (%s), and this machine is %s", file.Machine, file.Class, want)
	}
	if file.Type != elf.ET_DYN {
		return fmt.Errorf("its library is a %s, not a shared library", file.Type)
	}
	return nil
}

// instructions are the sets that a processor must have for what PyTorch calls the
// vector instructions that it compiles for.
var instructions = map[string][]string{
	"INVALID_VEC_ISA": nil,
	"AVX2":            {"AVX2", "FMA"},
	"AVX512":          {"AVX512F", "AVX512DQ", "AVX512VL", "AVX512BW", "FMA"},
	"AVX512_VNNI":     {"AVX512VNNI"},
	"AMX_TILE":        {"AMX_TILE", "AMX_BF16", "AMX_INT8"},
	"ASIMD":           nil, // which every arm64 has
	"NEON":            nil,
	"SVE":             {"SVE"},
}

// processor returns the sets that this one has, of those above.
func processor() []string {
	var sets []string
	for name, has := range map[string]bool{
		"AVX2": cpu.X86.HasAVX2, "FMA": cpu.X86.HasFMA, "AVX512F": cpu.X86.HasAVX512F, "AVX512DQ": cpu.X86.HasAVX512DQ,
		"AVX512VL": cpu.X86.HasAVX512VL, "AVX512BW": cpu.X86.HasAVX512BW, "AVX512VNNI": cpu.X86.HasAVX512VNNI,
		"AMX_TILE": cpu.X86.HasAMXTile, "AMX_BF16": cpu.X86.HasAMXBF16, "AMX_INT8": cpu.X86.HasAMXInt8, "SVE": cpu.ARM64.HasSVE,
	} {
		if has {
			sets = append(sets, name)
		}
	}
	return sets
}

// checkInstructions says which instructions a model was compiled for that the processor
// has not: it would end the program.
func checkInstructions(compiled string, has []string) error {
	for word := range strings.FieldsSeq(compiled) {
		name := word
		if strings.HasPrefix(word, "SVE") {
			name = "SVE"
		}
		sets, known := instructions[name]
		if !known {
			return fmt.Errorf("it was compiled for the instructions %s, of which nothing is known here", brief.Text(word))
		}
		for _, set := range sets {
			if !slices.Contains(has, set) {
				return fmt.Errorf("it was compiled for a processor with %s, and this one has no %s: compile it on such a machine, or for less", word, set)
			}
		}
	}
	return nil
}
