package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/torch/hub"
)

// tokenizerFile is a tokenizer.json of Hugging Face's, as far as it is read here.
type tokenizerFile struct {
	Model struct {
		Type         string            `json:"type"`
		Vocabulary   map[string]int    `json:"vocab"`
		Merges       []json.RawMessage `json:"merges"` // "a b", or ["a", "b"] in newer files
		Unknown      *string           `json:"unk_token"`
		ByteFallback bool              `json:"byte_fallback"`
		IgnoreMerges bool              `json:"ignore_merges"`
	} `json:"model"`
	Added []struct {
		ID      int    `json:"id"`
		Content string `json:"content"`
		Special bool   `json:"special"`
	} `json:"added_tokens"`
	PreTokenizer *preTokenizer   `json:"pre_tokenizer"`
	Normalizer   json.RawMessage `json:"normalizer"`
}

// preTokenizer cuts text into words.
type preTokenizer struct {
	Type       string          `json:"type"`
	Inner      []*preTokenizer `json:"pretokenizers"`
	Individual bool            `json:"individual_digits"`
	AddSpace   bool            `json:"add_prefix_space"`
	UseRegex   *bool           `json:"use_regex"`
	Pattern    struct {
		Regex string `json:"Regex"`
	} `json:"pattern"`
}

// hubLlamaWords is how tokenizer.json has Llama 3's words.
const hubLlamaWords = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`

// readTokenizer reads tokenizer.json, the chat template of tokenizer_config.json, and which
// tokens end an answer.
func (c *Chat) readTokenizer(folder *hub.Folder) error {
	var file tokenizerFile
	if err := readJSON(folder, "tokenizer.json", &file); err != nil {
		return err
	}
	var err error
	if c.Tokenizer, err = jsonTokenizer(&file); err != nil {
		return fmt.Errorf("tokenizer.json: %w", err)
	}
	var config struct {
		Template string `json:"chat_template"`
	}
	if err := readJSON(folder, "tokenizer_config.json", &config); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if config.Template == "" {
		if path, err := folder.Path("chat_template.jinja"); err == nil {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			config.Template = string(text)
		}
	}
	if c.Template, err = NewTemplate(config.Template); err != nil {
		return err
	}
	return c.readStop(folder)
}

// readStop finds which tokens end an answer: the template's own, and those of
// generation_config.json or else of config.json.
func (c *Chat) readStop(folder *hub.Folder) error {
	c.Stop = map[int]bool{}
	if end, ok := c.Tokenizer.numbers[strings.TrimSpace(c.Template.after)]; ok {
		c.Stop[end] = true
	}
	var config struct {
		EOS any `json:"eos_token_id"` // a number or several
	}
	err := readJSON(folder, "generation_config.json", &config)
	if errors.Is(err, os.ErrNotExist) {
		err = json.Unmarshal(folder.RawConfig, &config)
	}
	ends, ok := config.EOS.([]any)
	if !ok {
		ends = []any{config.EOS}
	}
	for _, end := range ends {
		if number, ok := end.(float64); ok {
			c.Stop[int(number)] = true
		}
	}
	return err
}

func readJSON(folder *hub.Folder, name string, to any) error {
	path, err := folder.Path(name)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, to); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// jsonTokenizer returns the tokenizer of a tokenizer.json. It fails on what is not
// byte-level byte-pair encoding.
func jsonTokenizer(file *tokenizerFile) (*Tokenizer, error) {
	t := &Tokenizer{control: map[int]bool{}, unknown: -1, whole: file.Model.IgnoreMerges}
	normalizer := string(file.Normalizer)
	if file.Model.Type != "BPE" || file.Model.ByteFallback || normalizer != "" && normalizer != "null" {
		return nil, errors.New("it is no byte-level byte-pair encoding, as GPT-2 and Llama 3 have, but for one a GGUF file may do")
	}
	if err := t.addWords(file.PreTokenizer); err != nil {
		return nil, err
	}
	if t.split == nil {
		return nil, errors.New("it does not cut text into words")
	}
	tokens := make([]string, len(file.Model.Vocabulary)+len(file.Added))
	put := func(token string, id int) error {
		if id < 0 || id >= len(tokens) {
			return fmt.Errorf("the token %q has the number %d, and there are %d", token, id, len(tokens))
		}
		tokens[id] = token
		return nil
	}
	for token, id := range file.Model.Vocabulary {
		if err := put(token, id); err != nil {
			return nil, err
		}
	}
	var special []string
	for _, added := range file.Added {
		if err := put(added.Content, added.ID); err != nil {
			return nil, err
		}
		t.control[added.ID] = added.Special
		special = append(special, added.Content)
	}
	merges := make([][2]string, len(file.Model.Merges))
	for i, m := range file.Model.Merges {
		var text string
		if json.Unmarshal(m, &text) == nil {
			merges[i][0], merges[i][1], _ = strings.Cut(text, " ")
		} else if err := json.Unmarshal(m, &merges[i]); err != nil {
			return nil, fmt.Errorf("merge %d: %w", i, err)
		}
	}
	if file.Model.Unknown != nil {
		t.unknown = slices.Index(tokens, *file.Model.Unknown)
	}
	return t, t.init(tokens, merges, special)
}

// addWords sets how text is cut.
func (t *Tokenizer) addWords(p *preTokenizer) error {
	if p == nil {
		return nil
	}
	switch {
	case p.Type == "Sequence":
		for _, inner := range p.Inner {
			if err := t.addWords(inner); err != nil {
				return err
			}
		}
	case p.Type == "Digits" && p.Individual && t.split == nil:
		t.digits = true
	case p.Type == "Split" && p.Pattern.Regex == hubLlamaWords && t.split == nil:
		t.split = regexp.MustCompile(llamaWords)
	case p.Type == "ByteLevel" && !p.AddSpace:
		if t.split == nil && (p.UseRegex == nil || *p.UseRegex) {
			t.split = regexp.MustCompile(gpt2Words)
		}
	default:
		return fmt.Errorf("it cuts text as is not known here: %s", p.Type)
	}
	return nil
}
