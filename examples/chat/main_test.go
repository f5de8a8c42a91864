package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/download"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/safetensors"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// talk is what chat.py answers.
type talk struct {
	Message, Text string
	Tokens        []int
	Scores        torchtest.Tensor
	Greedy, Drawn []int
}

type cut struct {
	Text   string
	Tokens []int
}

// small is a Llama with random weights, and what chat.py makes of it.
type small struct {
	File, Config, Tokenizer, Template string
	Talk                              talk
	Texts                             []cut
}

func readSmall(t *testing.T) (small, torchtest.Header) {
	t.Helper()
	var s small
	header := torchtest.Golden(t, "testdata/chat.json.gz", &s)
	return s, header
}

// write puts the model into a file and returns its path.
func (s small) write(t *testing.T) string {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(s.File)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "small.gguf")
	require.NoError(t, os.WriteFile(path, data, 0o600))
	return path
}

// writeFolder writes the model of a file in Hugging Face's layout.
func (s small) writeFolder(t *testing.T, chat *Chat) string {
	t.Helper()
	dir := t.TempDir()
	dict := chat.Model.StateDict()
	dict.Delete("lm_head.weight") // it is the embedding's
	require.NoError(t, safetensors.Save(dict, filepath.Join(dir, "model.safetensors")))
	for name, text := range map[string]string{"config.json": s.Config, "tokenizer.json": s.Tokenizer, "chat_template.jinja": s.Template} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return dir
}

// check compares tokens with those of Python's tokenizers.
func (k *Tokenizer) check(t *testing.T, texts []cut) {
	t.Helper()
	require.NotEmpty(t, texts)
	for _, c := range texts {
		assert.Equal(t, c.Tokens, append([]int{}, k.Encode(c.Text)...), "%q", c.Text)
	}
}

func (c *Chat) newSession(t *testing.T, sampling Sampling, most int, system string) *Session {
	t.Helper()
	s, err := c.NewSession(sampling, 128, most, system)
	require.NoError(t, err)
	return s
}

// check compares what a model says with what chat.py does.
func (c *Chat) check(t *testing.T, want talk, exact bool) {
	t.Helper()
	s := c.newSession(t, Sampling{}, len(want.Greedy), "")
	s.Messages = append(s.Messages, Message{"user", want.Message})
	assert.Equal(t, want.Text, c.Template.Write(s.Messages))
	assert.Equal(t, want.Tokens, c.Tokenizer.Encode(want.Text))
	torch.InferenceMode(func() {
		scores := c.Model.Forward(want.Tokens, s.cache)
		n := min(want.Scores.Shape[0], scores.Size(0))
		want.Scores.Check(t, scores.Narrow(0, 0, n), exact, 1e-3)
		s.cache.Length = 0
		for _, token := range want.Tokens { // one by one, with other kernels
			scores = c.Model.Forward([]int{token}, s.cache)
		}
		want.Scores.Check(t, scores.Narrow(0, 0, n), false, 1e-3)
	})
	for _, drawn := range []bool{false, true} {
		tokens := want.Greedy
		s := c.newSession(t, Sampling{}, len(tokens), "")
		if drawn {
			tokens = want.Drawn
			s = c.newSession(t, Sampling{Temperature: 1, TopK: 40, TopP: 0.9}, len(tokens), "")
		}
		torch.ManualSeed(0)
		var got []int
		_, err := s.generate(context.Background(), want.Tokens, func(token int) { got = append(got, token) })
		require.NoError(t, err)
		if c.Stop[tokens[len(tokens)-1]] {
			tokens = tokens[:len(tokens)-1]
		}
		if exact || !drawn {
			assert.Equal(t, tokens, got)
		}
	}
}

func TestAnswersAreThoseOfPython(t *testing.T) {
	s, header := readSmall(t)
	chat, err := Open(s.write(t), 0)
	require.NoError(t, err)
	assert.Equal(t, torch.Float32, chat.DType)
	chat.check(t, s.Talk, header.Exact())
	chat.Tokenizer.check(t, s.Texts)

	folder, err := Open(s.writeFolder(t, chat), 0)
	require.NoError(t, err)
	assert.Equal(t, chat.Config, folder.Config)
	assert.Equal(t, chat.Template, folder.Template)
	folder.Tokenizer.check(t, s.Texts)
	folder.check(t, s.Talk, header.Exact())
}

// The model that the command fetches, if it has.
func TestSmolLM2AnswersAsInPython(t *testing.T) {
	cache, err := download.CacheFolder("", "models")
	require.NoError(t, err)
	path := filepath.Join(cache, modelFile)
	if model.Check(cache) != nil {
		t.Skip("make example-chat fetches the model")
	}
	var golden struct {
		Talks []talk
		Texts []cut
	}
	header := torchtest.Golden(t, "testdata/smollm.json.gz", &golden)
	chat, err := Open(path, 0)
	require.NoError(t, err)
	chat.Tokenizer.check(t, golden.Texts)
	for _, talk := range golden.Talks {
		chat.check(t, talk, header.Exact())
	}
}

func TestBFloat16(t *testing.T) {
	s, _ := readSmall(t)
	chat, err := Open(s.write(t), torch.BFloat16)
	require.NoError(t, err)
	again, err := Open(s.writeFolder(t, chat), 0)
	require.NoError(t, err)
	assert.Equal(t, torch.BFloat16, again.DType, "it is that of the file")
	assert.Equal(t, torch.BFloat16, again.Model.LMHead.Weight.DType())
	session := again.newSession(t, Sampling{}, 5, "")
	torch.InferenceMode(func() {
		s.Talk.Scores.Check(t, again.Model.Forward(s.Talk.Tokens, session.cache).To(torch.Float32), false, 0.2)
	})
}

// What a conversation has is read once, and a second answer is what it is without a cache.
func TestConversation(t *testing.T) {
	s, _ := readSmall(t)
	chat, err := Open(s.write(t), 0)
	require.NoError(t, err)
	session := chat.newSession(t, Sampling{}, 8, "be brief")
	var first, second strings.Builder
	speed, err := session.Ask(context.Background(), "the cat", func(text string) { first.WriteString(text) })
	require.NoError(t, err)
	assert.Equal(t, 8, speed.Written)
	whole := speed.Read
	speed, err = session.Ask(context.Background(), "in", func(text string) { second.WriteString(text) })
	require.NoError(t, err)
	assert.Less(t, speed.Read, whole)
	assert.Equal(t, []Message{
		{"system", "be brief"}, {"user", "the cat"}, {"assistant", first.String()}, {"user", "in"}, {"assistant", second.String()},
	}, session.Messages)
	assert.Regexp(t, `^\d+ tokens read, [\d.]+ a second; 8 written, [\d.]+ a second$`, speed.String())

	fresh := chat.newSession(t, Sampling{}, 8, "be brief")
	fresh.Messages = session.Messages[:3]
	var again strings.Builder
	_, err = fresh.Ask(context.Background(), "in", func(text string) { again.WriteString(text) })
	require.NoError(t, err)
	assert.Equal(t, second.String(), again.String())

	ctx, stop := context.WithCancel(context.Background())
	stop()
	_, err = fresh.Ask(ctx, "more", func(text string) { assert.Empty(t, text) })
	assert.NoError(t, err, "it was told to stop")
	_, err = fresh.Ask(context.Background(), strings.Repeat("x", 200), func(string) {})
	assert.EqualError(t, err, "the conversation has more than the 128 tokens that there is room for; -context makes more")
}

func TestCommand(t *testing.T) {
	s, _ := readSmall(t)
	path := s.write(t)
	var out, log bytes.Buffer
	require.NoError(t, run([]string{"-model", path, "-prompt", "the cat", "-max", "6"}, nil, &out, &log))
	once := out.String()
	assert.Contains(t, log.String(), " written, ")
	out.Reset()
	require.NoError(t, run([]string{"-model", path, "-max", "6"}, strings.NewReader("the cat\n\nin\n"), &out, &log))
	assert.True(t, strings.HasPrefix(out.String(), once), "%q, %q", out.String(), once)
	assert.Greater(t, out.Len(), len(once))

	out.Reset()
	require.NoError(t, run([]string{"-h"}, nil, &out, &log))
	assert.Contains(t, out.String(), "Talks with a Llama.")
	for arguments, want := range map[string]string{
		"more":             `"more" is not a flag (-h lists the flags)`,
		"-temperature -1":  "-temperature is -1, want 0 or more (-h lists the flags)",
		"-temperature NaN": "-temperature is NaN, want 0 or more (-h lists the flags)",
		"-top-k -1":        "-top-k is -1, want 0 or more (-h lists the flags)",
		"-top-p 0":         "-top-p is 0, want more than 0 and at most 1 (-h lists the flags)",
		"-max 0":           "-max and -context must be 1 or more (-h lists the flags)",
		"-dtype int8":      `invalid value "int8" for flag -dtype: want float32 or bfloat16 (-h lists the flags)`,
	} {
		assert.EqualError(t, run(strings.Fields(arguments), nil, &out, &log), want)
	}
	assert.ErrorIs(t, run([]string{"-model", filepath.Join(t.TempDir(), "none")}, nil, &out, &log), os.ErrNotExist)
	html := filepath.Join(t.TempDir(), "model.gguf")
	require.NoError(t, os.WriteFile(html, []byte("<!DOCTYPE html><html></html>"), 0o600))
	assert.ErrorContains(t, run([]string{"-model", html}, nil, &out, &log), "not a GGUF file, but a web page")
	folder := t.TempDir()
	assert.ErrorContains(t, run([]string{"-model", folder}, nil, &out, &log), folder)
}

// Letters of several bytes are written when they are whole.
func TestStreaming(t *testing.T) {
	s, _ := readSmall(t)
	chat, err := Open(s.write(t), 0)
	require.NoError(t, err)
	for _, text := range []string{"größer – 日本語 🙂", "a\nb"} {
		var w writer
		var pieces []string
		for _, token := range chat.Tokenizer.Encode(text) {
			pieces = append(pieces, w.add(chat.Tokenizer.Decode(token)))
		}
		for _, piece := range pieces {
			assert.True(t, piece == strings.ToValidUTF8(piece, "?"), "%q", piece)
		}
		assert.Equal(t, text, strings.Join(pieces, ""))
	}
	var w writer
	assert.Equal(t, "", w.add([]byte("\xe6\x97")))
	assert.Equal(t, "\xe6\x97a", w.add([]byte("a")), "what is no letter comes as it is")
	assert.Equal(t, "", w.add([]byte("\xf0\x9f")))
	assert.Equal(t, "\xf0\x9f", w.rest())
}
