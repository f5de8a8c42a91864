package aoti

import (
	"debug/elf"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"

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

// instructions are the sets that a processor must have, by Linux's names, for what PyTorch
// calls the vector instructions that it compiles for.
var instructions = map[string][]string{
	"INVALID_VEC_ISA": nil,
	"AVX2":            {"avx2", "fma"},
	"AVX512":          {"avx512f", "avx512dq", "avx512vl", "avx512bw", "fma"},
	"AVX512_VNNI":     {"avx512_vnni"},
	"AMX_TILE":        {"amx_tile", "amx_bf16", "amx_int8"},
	"ASIMD":           nil, // which every arm64 has
	"NEON":            nil,
	"SVE":             {"sve"},
}

// processor returns the sets that this one has, or none where the system does not say.
func processor() []string {
	data, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(data)) {
		name, sets, _ := strings.Cut(line, ":")
		if name = strings.TrimSpace(name); name == "flags" || name == "Features" {
			return strings.Fields(sets)
		}
	}
	return nil
}

// checkInstructions says which instructions a model was compiled for that the processor
// has not, if it is known what that has: they would end the program.
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
			if has != nil && !slices.Contains(has, set) {
				return fmt.Errorf("it was compiled for a processor with %s, and this one has no %s: compile it on such a machine, or for less", word, set)
			}
		}
	}
	return nil
}
