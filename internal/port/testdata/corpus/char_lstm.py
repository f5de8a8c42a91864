"""An LSTM that learns a text letter by letter."""
import torch
import torch.nn as nn

TEXT = "the quick brown fox jumps over the lazy dog. "
SEQ_LEN = 16


class CharLSTM(nn.Module):
    def __init__(self, vocab_size, embed_dim, hidden_dim, num_layers=1):
        super().__init__()
        self.hidden_dim = hidden_dim
        self.num_layers = num_layers
        self.embedding = nn.Embedding(vocab_size, embed_dim)
        self.lstm = nn.LSTM(embed_dim, hidden_dim, num_layers, batch_first=True)
        self.fc = nn.Linear(hidden_dim, vocab_size)

    def forward(self, x, hidden):
        out = self.embedding(x)
        out, hidden = self.lstm(out, hidden)
        out = self.fc(out)
        return out, hidden

    def init_hidden(self, batch_size):
        h = torch.zeros(self.num_layers, batch_size, self.hidden_dim)
        c = torch.zeros(self.num_layers, batch_size, self.hidden_dim)
        return h, c


chars = sorted(set(TEXT))
char_to_idx = {ch: i for i, ch in enumerate(chars)}
vocab_size = len(chars)
encoded = [char_to_idx[ch] for ch in TEXT]

inputs = []
targets = []
for i in range(len(encoded) - SEQ_LEN):
    inputs.append(encoded[i:i + SEQ_LEN])
    targets.append(encoded[i + 1:i + SEQ_LEN + 1])
inputs = torch.tensor(inputs)
targets = torch.tensor(targets)

torch.manual_seed(0)
model = CharLSTM(vocab_size, 16, 32)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for epoch in range(5):
    hidden = model.init_hidden(inputs.size(0))
    output, hidden = model(inputs, hidden)
    loss = criterion(output.view(-1, vocab_size), targets.view(-1))
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    print(f"Epoch {epoch + 1}: loss = {loss.item():.4f}")
