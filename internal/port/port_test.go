package port_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/port"
)

var update = flag.Bool("update", false, "write the golden files")

// needsPython skips a test where there is no CPython to read the sources. It needs no
// packages.
func needsPython(t *testing.T) {
	t.Helper()
	if err := exec.Command("python3", "-c", "import ast, sys; sys.exit(sys.version_info < (3, 9))").Run(); err != nil {
		t.Skipf("python3, 3.9 or newer, reads the sources, and is not here: %v", err)
	}
}

func TestGolden(t *testing.T) {
	needsPython(t)
	for _, name := range []string{"golden/left", "golden/forms", "golden/classes", "golden/data", "golden/inherit", "golden/programs", "corpus/mlp", "corpus/cnn", "corpus/gpt"} {
		t.Run(name, func(t *testing.T) {
			r, err := port.Translate(t.Context(), []string{"testdata/" + name + ".py"})
			require.NoError(t, err)
			golden := "testdata/golden/" + filepath.Base(name) + ".go.txt"
			if *update {
				require.NoError(t, os.WriteFile(golden, r.Source, 0o666))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), string(r.Source))
		})
	}
}

// Nearly all of the corpus is translated, and all that was made of it compiles: what
// does not is left to do.
func TestCorpus(t *testing.T) {
	needsPython(t)
	paths, err := filepath.Glob("testdata/corpus/*.py")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(paths), 20)
	translated, statements := 0, 0
	for _, path := range paths {
		r, err := port.Translate(t.Context(), []string{path})
		require.NoError(t, err, path)
		for _, todo := range r.Report.Todos {
			t.Logf("%s:%d: %s: %s", todo.File, todo.Line, todo.Why, todo.Text)
		}
		translated += r.Report.Translated()
		statements += r.Report.Statements
	}
	assert.GreaterOrEqual(t, float64(translated), 0.95*float64(statements), "%d of %d statements", translated, statements)
}

// What is left says where, why and what, and panics with it.
func TestLeft(t *testing.T) {
	needsPython(t)
	r, err := port.Translate(t.Context(), []string{"testdata/golden/left.py"})
	require.NoError(t, err)
	var report bytes.Buffer
	_, err = r.Report.WriteTo(&report)
	require.NoError(t, err)
	for _, want := range []string{
		"testdata/golden/left.py:14: torch.nn.MadeUp is not in Go: self.odd = nn.MadeUp(width)\n",
		"left.py:21: except of ZeroDivisionError, which Go has no panic for: try:\n",
		"left.py:31: a tensor has no frobnicate: z = y.frobnicate(n)\n",
	} {
		assert.Contains(t, report.String(), want)
	}
	assert.Regexp(t, `(?m)^\d+ of \d+ statements translated, \d to do$`, report.String())
	assert.Contains(t, string(r.Source), "// TODO(port): line 14: self.odd = nn.MadeUp(width)\n\tpanic(\"TODO(port): line 14: self.odd = nn.MadeUp(width)\")")
	assert.Contains(t, string(r.Source), "// TODO(port): line 31: z = y.frobnicate(n)\n")
	assert.Less(t, r.Report.Translated(), r.Report.Statements)
}

// An int that Go keeps in a float is noted where it is printed, and numbers of tensors are
// printed with the shape that they have.
func TestNumbersThatPrintOtherwise(t *testing.T) {
	needsPython(t)
	path := filepath.Join(t.TempDir(), "numbers.py")
	require.NoError(t, os.WriteFile(path, []byte(`import torch

def double(x):
    return 2 * x

total = 0
for i in range(3):
    total += 0.5
print(total)
print(double(3))
print(double(1.5))
print(f"{double(2):.1f}")
x = torch.ones(2, 2)
print(x.tolist())
first = x[0].tolist()
`), 0o600))
	r, err := port.Translate(t.Context(), []string{path})
	require.NoError(t, err)
	var report bytes.Buffer
	_, err = r.Report.WriteTo(&report)
	require.NoError(t, err)
	for _, n := range []string{"10", "11"} {
		assert.Contains(t, report.String(), "numbers.py:"+n+": Go prints a float here, also where Python has an int")
	}
	assert.NotContains(t, report.String(), "numbers.py:9:")
	assert.NotContains(t, report.String(), "numbers.py:12:")
	assert.Contains(t, string(r.Source), "fmt.Println(listText(x))")
	assert.Contains(t, string(r.Source), "numbers[float64](x.Index(0))")
}

// What torchvision, the accelerator and files give, as tutorials use them.
func TestTutorial(t *testing.T) {
	needsPython(t)
	path := filepath.Join(t.TempDir(), "tutorial.py")
	require.NoError(t, os.WriteFile(path, []byte(`import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.25,))])
train = datasets.MNIST("data", train=True, download=True, transform=transform)
plain = datasets.FashionMNIST("data", train=False, transform=transforms.ToTensor())
device = torch.accelerator.current_accelerator().type if torch.accelerator.is_available() else "cpu"
model = nn.Linear(784, 10).to(device)
model.load_state_dict(torch.load("model.pth", weights_only=True))
names = ["shirt"] * 10
for x, y in DataLoader(train, batch_size=8):
    loss = model(x.to(device).flatten(1)).sum()
    loss, current = loss.item(), len(x)
    print(loss, current)
image, label = plain[0]
print(names[label], names[model(image.flatten()).argmax(0)])
x, y = plain[1][0], plain[1][1]
print(x.shape, y)
`), 0o600))
	r, err := port.Translate(t.Context(), []string{path})
	require.NoError(t, err)
	assert.Empty(t, r.Report.Todos)
	for _, want := range []string{
		`images := must(datasets.NewMNIST(context.Background(), datasets.Options{Root: filepath.Join("data", "MNIST", "raw"), Download: true}))`,
		`train := data.NewTensorDataset(images.Normalized([]float64{0.5}, []float64{0.25}), images.Targets)`,
		`plain := must(datasets.NewFashionMNIST(context.Background(), datasets.Options{Train: new(false), Root: filepath.Join("data", "FashionMNIST", "raw")}))`,
		`device = currentAccelerator().Type()`,
		`model.To(must(torch.ParseDevice(device)))`,
		`model.LoadStateDict(must(torch.LoadAs[nn.StateDict]("model.pth")))`,
		`lossValue := loss.Item()`,
	} {
		assert.Contains(t, string(r.Source), want)
	}
}

// Distributions take probabilities or logits, and their properties are methods.
func TestDistributions(t *testing.T) {
	needsPython(t)
	path := filepath.Join(t.TempDir(), "chance.py")
	require.NoError(t, os.WriteFile(path, []byte(`import itertools
import torch
from torch.distributions import Bernoulli, Categorical, Normal

seen = []
for i in itertools.count(1):
    d = Categorical(torch.softmax(torch.zeros(3), dim=0))
    seen.append(d.sample())
    if i > 2:
        break
del seen[:]
n = Normal(torch.zeros(2), torch.ones(2))
print(Bernoulli(logits=torch.zeros(2)).entropy(), n.rsample(), n.mean, len(seen))
`), 0o600))
	r, err := port.Translate(t.Context(), []string{path})
	require.NoError(t, err)
	assert.Empty(t, r.Report.Todos)
	for _, want := range []string{
		"distributions.NewCategorical(distributions.Probs(torch.Softmax(torch.Zeros([]int{3}), 0)))", "for i := 1; ; i++ {", "seen = nil",
		"distributions.NewBernoulli(distributions.Logits(torch.Zeros([]int{2}))).Entropy(), n.RSample(), n.Mean(), len(seen))",
	} {
		assert.Contains(t, string(r.Source), want)
	}
}

// Dicts of a loader's arguments become those, also what is under a condition.
func TestLoadersArguments(t *testing.T) {
	needsPython(t)
	translate := func(more string) *port.Result {
		path := filepath.Join(t.TempDir(), "loaders.py")
		require.NoError(t, os.WriteFile(path, []byte(`import torch
from torch.utils.data import DataLoader, TensorDataset

def main():
    cuda = torch.cuda.is_available()
    arguments = {'batch_size': 8}
    test_arguments = {'batch_size': 16}
    if cuda:
        more = {'num_workers': 2, 'shuffle': True, 'persistent_workers': True}
        arguments.update(more)
        test_arguments['batch_size'] = 32
    dataset = TensorDataset(torch.ones(4, 2))
    loader = DataLoader(dataset, **arguments)
    test_loader = DataLoader(dataset, **test_arguments)
`+more+`    print(len(loader), len(test_loader))

main()
`), 0o600))
		r, err := port.Translate(t.Context(), []string{path})
		require.NoError(t, err)
		return r
	}
	r := translate("")
	assert.Empty(t, r.Report.Todos)
	for _, want := range []string{
		"value := 0\n\tif cuda {\n\t\tvalue = 2\n\t}\n", "BatchSize: new(8), Shuffle: cuda, NumWorkers: value}",
		"value2 := 16\n\tif cuda {\n\t\tvalue2 = 32\n\t}\n", "BatchSize: new(value2)}",
	} {
		assert.Contains(t, string(r.Source), want)
	}
	assert.NotEmpty(t, translate("    print(arguments)\n").Report.Todos, "a dict that is read, too")
}

func TestTranslationIsReproducible(t *testing.T) {
	needsPython(t)
	var first []byte
	for range 2 {
		r, err := port.Translate(t.Context(), []string{"testdata/golden/forms.py"})
		require.NoError(t, err)
		if first == nil {
			first = r.Source
		}
		require.Equal(t, string(first), string(r.Source))
	}
}

// Several files become one package, which knows the names of each.
func TestSeveralFiles(t *testing.T) {
	needsPython(t)
	dir := t.TempDir()
	model, main := filepath.Join(dir, "model.py"), filepath.Join(dir, "train.py")
	require.NoError(t, os.WriteFile(model, []byte("import torch.nn as nn\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(2, 1)\n    def forward(self, x):\n        return self.fc(x)\n"), 0o600))
	require.NoError(t, os.WriteFile(main, []byte("import torch\nfrom model import Net\nnet = Net()\nprint(net(torch.ones(1, 2)))\n"), 0o600))
	r, err := port.Translate(t.Context(), []string{main, model})
	require.NoError(t, err)
	assert.Equal(t, "main", r.Package)
	assert.Contains(t, string(r.Source), "fmt.Println(net.Forward(torch.Ones([]int{1, 2})))")
	assert.Empty(t, r.Report.Todos)
}

// Bad input is refused in words, at once.
func TestHostile(t *testing.T) {
	needsPython(t)
	dir := t.TempDir()
	for name, test := range map[string]struct{ text, want string }{
		"syntax.py":   {"x = (1,\ny = 2\n", "syntax.py:1: '(' was never closed"},
		"python2.py":  {"print 'hello'\n", "2to3 makes Python 3 of it"},
		"nul.py":      {"x = 1\x00\n", "null"},
		"binary.py":   {"\xff\xfe\x00\x01", "binary.py"},
		"python2b.py": {"try:\n    pass\nexcept Exception, e:\n    pass\n", "2to3 makes Python 3 of it"},
		"deep.py":     {"x = " + strings.Repeat("(", 5000) + strings.Repeat(")", 5000) + "\n", "deep.py:"},
		"unary.py":    {"x = " + strings.Repeat("-", 20000) + "1\n", "unary.py"},
		"huge.py":     {strings.Repeat("x = 1\n", 1<<20), "more than 4194304"},
	} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(test.text), 0o600))
		begin := time.Now()
		_, err := port.Translate(t.Context(), []string{path})
		assert.ErrorContains(t, err, test.want, name)
		if err != nil {
			assert.Less(t, len(err.Error()), 500, name)
		}
		assert.Less(t, time.Since(begin), 20*time.Second, name)
	}
	for path, want := range map[string]string{dir: "is not a file", filepath.Join(dir, "none.py"): "no such file"} {
		_, err := port.Translate(t.Context(), []string{path})
		assert.ErrorContains(t, err, want)
	}
	_, err := port.Translate(t.Context(), nil)
	assert.EqualError(t, err, "no files to port")
}

// Files that declare the same name are not one package.
func TestSameNames(t *testing.T) {
	needsPython(t)
	var paths []string
	for _, folder := range []string{t.TempDir(), t.TempDir()} {
		path := filepath.Join(folder, "m.py")
		require.NoError(t, os.WriteFile(path, []byte("def same():\n    return 1\n"), 0o600))
		paths = append(paths, path)
	}
	_, err := port.Translate(t.Context(), paths)
	assert.ErrorContains(t, err, "both have a same, and would be one package: port them one by one")
}

// A module that is not there, an empty file and odd names are no errors.
func TestOddFiles(t *testing.T) {
	needsPython(t)
	dir := t.TempDir()
	for name, text := range map[string]string{
		"empty.py":   "",
		"missing.py": "import nowhere\nfrom nothing import *\nnowhere.go(1)\n",
		"type.py":    "def func(type, range, nil, string):\n    map = type + range\n    return map\n\n\nclass error:\n    pass\n",
		"loop.py":    "def a(x):\n    return b(x)\n\n\ndef b(x):\n    return a([x])\n",
		"text.py":    "x = '''`\\x00\n*/ // \"'''\nprint(x)\n",
	} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		r, err := port.Translate(t.Context(), []string{path})
		require.NoError(t, err, name)
		assert.Contains(t, string(r.Source), "package ")
	}
}

func TestPython(t *testing.T) {
	path := "testdata/corpus/mlp.py"
	_, err := port.Translate(t.Context(), []string{path}, port.Options{Python: "no-such-python"})
	assert.ErrorContains(t, err, `there is no "no-such-python": Python 3.9 or newer reads the sources`)
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no sh")
	}
	slow := filepath.Join(t.TempDir(), "python")
	require.NoError(t, os.WriteFile(slow, []byte("#!/bin/sh\nexec sleep 60\n"), 0o700))
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err = port.Translate(ctx, []string{path}, port.Options{Python: slow})
	assert.ErrorContains(t, err, "did not read it within")
}
