"""Convolutions over words, for sentences."""
import torch
import torch.nn as nn
import torch.nn.functional as F


class TextCNN(nn.Module):
    def __init__(self, vocab_size, embedding_dim, n_filters, filter_sizes, output_dim, dropout):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_dim, padding_idx=0)
        self.convs = nn.ModuleList([
            nn.Conv2d(in_channels=1, out_channels=n_filters, kernel_size=(fs, embedding_dim))
            for fs in filter_sizes
        ])
        self.fc = nn.Linear(len(filter_sizes) * n_filters, output_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, text):
        embedded = self.embedding(text)
        embedded = embedded.unsqueeze(1)
        conved = [F.relu(conv(embedded)).squeeze(3) for conv in self.convs]
        pooled = [F.max_pool1d(conv, conv.shape[2]).squeeze(2) for conv in conved]
        cat = self.dropout(torch.cat(pooled, dim=1))
        return self.fc(cat)


def binary_accuracy(preds, y):
    """Returns accuracy per batch"""
    rounded_preds = torch.round(torch.sigmoid(preds))
    correct = (rounded_preds == y).float()
    acc = correct.sum() / len(correct)
    return acc


sentences = [
    ["good", "film", "i", "liked", "it"],
    ["bad", "film", "i", "hated", "it"],
    ["i", "liked", "the", "good", "actors"],
    ["the", "bad", "actors", "hated", "it"],
]
labels = torch.tensor([1.0, 0.0, 1.0, 0.0])
vocab = {"<pad>": 0}
for sentence in sentences:
    for word in sentence:
        if word not in vocab:
            vocab[word] = len(vocab)
tokens = torch.tensor([[vocab[word] for word in sentence] for sentence in sentences])

torch.manual_seed(11)
model = TextCNN(len(vocab), 8, 4, [2, 3], 1, 0.1)
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
criterion = nn.BCEWithLogitsLoss()
for epoch in range(10):
    optimizer.zero_grad()
    predictions = model(tokens).squeeze(1)
    loss = criterion(predictions, labels)
    acc = binary_accuracy(predictions, labels)
    loss.backward()
    optimizer.step()
    if epoch % 3 == 0:
        print(f"epoch {epoch:02}: loss {loss.item():.3f}, accuracy {acc.item() * 100:.2f}%")
