// Draws at most ten times a second over one line, which is cleared at the end.
#include "progress.h"

#include <algorithm>
#include <cstdio>

#include "terminal.h"
#include "text.h"

namespace cairn::cli {
namespace {

constexpr double kSecondsBetweenDraws = 0.1;
constexpr size_t kBarWidth = 24;

std::string bar(uint64_t done, uint64_t total) {
  const double part = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const auto filled = static_cast<size_t>(part * kBarWidth);
  const std::string percent = std::to_string(static_cast<int>(part * 100));
  return " [" + std::string(filled, '#') + std::string(kBarWidth - filled, '.') + "] " +
         std::string(3 - percent.size(), ' ') + percent + "%";
}

}  // namespace

Progress::Progress(std::string label, uint64_t total)
    : label_(std::move(label)),
      total_(total),
      enabled_(can_redraw(stderr)),
      started_(seconds_now()) {}

void Progress::update(uint64_t done, uint64_t rows, uint64_t bytes) {
  if (!enabled_) return;
  const double now = seconds_now();
  if (now - drawn_ < kSecondsBetweenDraws) return;
  drawn_ = now;
  draw(line(done, rows, bytes, now));
}

void Progress::say(const std::string& what) {
  if (enabled_) draw(label_ + "  " + what);
}

std::string Progress::line(uint64_t done, uint64_t rows, uint64_t bytes, double now) const {
  std::string out = label_;
  if (total_ > 0) out += bar(done, total_);
  out += "  " + grouped(rows) + " rows  ";
  if (bytes > 0) out += human_bytes(bytes) + "  ";
  return out + human_rate(rows, now - started_);
}

void Progress::draw(const std::string& line) {
  const size_t width = std::max<size_t>(terminal_width(stderr), 20);
  std::fprintf(stderr, "\r%s\033[K", cut_to(line, width - 1).c_str());
  std::fflush(stderr);
  visible_ = true;
}

void Progress::clear() {
  if (!visible_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  visible_ = false;
}

}  // namespace cairn::cli
