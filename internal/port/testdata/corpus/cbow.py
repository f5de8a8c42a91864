"""Word vectors by the words around, in the manner of CBOW."""

from collections import Counter

import torch
import torch.nn as nn
import torch.nn.functional as F

CONTEXT_SIZE = 2
EMBEDDING_DIM = 10

raw_text = """We are about to study the idea of a computational process.
Computational processes are abstract beings that inhabit computers.
As they evolve, processes manipulate other abstract things called data.
The evolution of a process is directed by a pattern of rules
called a program. People create programs to direct processes. In effect,
we conjure the spirits of the computer with our spells."""


def tokenize(text):
    words = []
    for word in text.lower().split():
        word = word.strip(".,;")
        if word:
            words.append(word)
    return words


class CBOW(nn.Module):
    def __init__(self, vocab_size, embedding_dim):
        super().__init__()
        self.embeddings = nn.Embedding(vocab_size, embedding_dim)
        self.linear = nn.Linear(embedding_dim, vocab_size)

    def forward(self, inputs):
        embeds = self.embeddings(inputs).sum(dim=0).view(1, -1)
        return F.log_softmax(self.linear(embeds), dim=1)


def make_context_vector(context, word_to_ix):
    idxs = [word_to_ix[w] for w in context]
    return torch.tensor(idxs, dtype=torch.long)


torch.manual_seed(1)
words = tokenize(raw_text)
vocab = sorted(set(words))
word_to_ix = {word: i for i, word in enumerate(vocab)}
ix_to_word = {i: word for word, i in word_to_ix.items()}
print(len(words), "words,", len(vocab), "different")
print(vocab[:5], vocab[-1])

counts = Counter(words)
print("most common:", counts.most_common(3))
print("long words:", [w for w in vocab if len(w) > 10])

data = []
for i in range(CONTEXT_SIZE, len(words) - CONTEXT_SIZE):
    context = [words[i - 2], words[i - 1], words[i + 1], words[i + 2]]
    target = words[i]
    data.append((context, target))
print(data[0])

model = CBOW(len(vocab), EMBEDDING_DIM)
loss_function = nn.NLLLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
losses = []
for epoch in range(8):
    total_loss = 0
    for context, target in data:
        context_idxs = make_context_vector(context, word_to_ix)
        model.zero_grad()
        log_probs = model(context_idxs)
        loss = loss_function(log_probs, torch.tensor([word_to_ix[target]], dtype=torch.long))
        loss.backward()
        optimizer.step()
        total_loss += loss.item()
    losses.append(total_loss / len(data))
print("losses:", ", ".join(f"{l:.4f}" for l in losses))

hits = 0
for context, target in data:
    guess = ix_to_word[model(make_context_vector(context, word_to_ix)).argmax(1).item()]
    if guess == target:
        hits += 1
print(f"{hits} of {len(data)} words are guessed: {hits / len(data):.1%}")
