"""Where phrases lie in an encoded prompt, on a real CLIP tokenizer with a vocabulary made here."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import torch
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from diffusers.pipelines.stable_diffusion_xl.pipeline_stable_diffusion_xl import StableDiffusionXLPipeline
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import CLIPTokenizer

from studio.core.errors import StudioError
from studio.diffusion.noise import gaussian
from studio.diffusion.phrases import find_phrases
from studio.diffusion.text import ClipText, TextEmbeds
from studio.diffusion.tokens import TokenSpan, align, locate, place_phrase, token_mask
from tests.support import diffusion_models as models

TOKENIZER: Any = models.clip_tokenizer()
OTHER: Any = models.clip_tokenizer(pad="!")
PROMPT = "a red house with an umbrella, the T-Shirt of a moon"


def pieces(tokenizer: CLIPTokenizer, prompt: str) -> list[str]:
    """Pieces of the padded sequence as the encoder sees them."""
    ids = tokenizer([prompt], padding="max_length", truncation=True).input_ids[0]
    return tokenizer.convert_ids_to_tokens(ids)  # pyright: ignore[reportReturnType]


class TestAlign:
    def test_words_of_one_piece_and_of_many(self) -> None:
        spans = locate(PROMPT, ["red house", "an umbrella", "T-Shirt", "moon"])
        alignment = align([TOKENIZER, OTHER], PROMPT, spans)
        tokens = pieces(TOKENIZER, PROMPT)
        read = ["".join(tokens[span.first : span.stop]) for span in alignment.spans if span]
        assert read == ["red</w>house</w>", "an</w>umbrella</w>", "t</w>-</w>shirt</w>", "moon</w>"]
        assert len(alignment.spans[1] or ()) > 2
        assert tokens[alignment.end] == "<|endoftext|>"
        assert alignment.dropped == ""

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(
            st.sampled_from([*models.KNOWN_WORDS, "umbrella", "t-shirt", "it's", "3", "café", ","]),
            min_size=1,
            max_size=12,
        )
    )
    def test_every_word_of_any_prompt(self, words: list[str]) -> None:
        prompt = " ".join(words)
        starts = [len(" ".join([*words[:index], ""])) for index in range(len(words))]
        spans = [(start, start + len(word)) for start, word in zip(starts, words, strict=True)]
        alignment = align([TOKENIZER], prompt, spans)
        found = [span for span in alignment.spans if span]
        assert found[0].first == 1
        assert all(one.stop == other.first for one, other in pairwise(found))
        assert found[-1].stop == alignment.end

    def test_phrases_over_the_limit_are_reported_and_what_is_cut_is_named(self) -> None:
        prompt = "a house " * 37 + "a red moon"  # 74 tokens, then the 75th and last is "a"
        alignment = align([TOKENIZER], prompt, locate(prompt, ["a house", "red moon"]))
        assert alignment.spans == (TokenSpan(1, 3), None)
        assert (alignment.words, alignment.end) == (75, 76)
        assert alignment.dropped == "red moon"
        assert pieces(TOKENIZER, prompt)[76] == "<|endoftext|>"

    def test_the_last_position_can_still_be_used(self) -> None:
        prompt = "a house " * 37 + "moon"
        assert align([TOKENIZER], prompt, locate(prompt, ["moon"])).spans == (TokenSpan(75, 76),)

    @pytest.mark.parametrize("span", [(2, 4), (3, 11), (0, 0), (1, 2)])
    def test_spans_that_cut_words_are_refused(self, span: tuple[int, int]) -> None:
        with pytest.raises(StudioError, match="words of the prompt"):
            align([TOKENIZER], "a red house", [span])

    def test_encoders_that_disagree_are_refused(self) -> None:
        other: Any = models.clip_tokenizer(words=("a", "red"))
        with pytest.raises(StudioError, match="differently"):
            align([TOKENIZER, other], "a house", [])

    def test_the_chunker_always_gives_spans_that_align(self) -> None:
        for prompt in (PROMPT, "a red, white and blue car", "castle, fog", "the children’s swing (red car)"):
            phrases = find_phrases(prompt, single_words=True)
            heads = [(phrase.head.start, phrase.head.stop) for phrase in phrases]
            assert all(align([TOKENIZER], prompt, [*[phrase.span for phrase in phrases], *heads]).spans)


class TestLocate:
    def test_equal_phrases_are_matched_in_order(self) -> None:
        prompt = "A bridge, a bridge and a red bridge"
        assert locate(prompt, ["a bridge", "a red bridge", "a bridge"]) == [(0, 8), (23, 35), (10, 18)]

    def test_only_whole_words_match(self) -> None:
        assert locate("a scarf and a car", ["car"]) == [(14, 17)]

    @pytest.mark.parametrize("phrases", [["a tree"], ["a house", "a house"], [""], ["hous"]])
    def test_a_phrase_that_is_not_there_is_named(self, phrases: list[str]) -> None:
        with pytest.raises(StudioError, match=f"“{phrases[-1]}” is not in the prompt"):
            locate("a house", phrases)


class TestPlacing:
    def test_only_the_span_changes(self) -> None:
        whole, alone, span = gaussian((77, 8), 1), gaussian((77, 8), 2), TokenSpan(4, 7)
        placed = place_phrase(whole, alone, span)
        assert torch.equal(placed[4:7], alone[1:4])
        kept = [position for position in range(77) if position not in span.positions]
        assert torch.equal(placed[kept], whole[kept])
        assert torch.equal(whole, gaussian((77, 8), 1))

    def test_the_mask_covers_the_words_and_neither_end_nor_padding(self) -> None:
        alignment = align([TOKENIZER], "a red house", [])
        assert token_mask(alignment, 77).nonzero().flatten().tolist() == [1, 2, 3]


class TestEncoding:
    def test_stable_diffusion_equals_the_stock_encoding(self, sd: StableDiffusionPipeline) -> None:
        ours = ClipText.of(sd.components).encode([PROMPT, "", "a " * 100])
        for index, prompt in enumerate((PROMPT, "", "a " * 100)):
            stock, _ = sd.encode_prompt(prompt, "cpu", 1, False)
            assert (ours.sequence[index] - stock[0]).abs().max() <= 1e-6
        assert ours.pooled is None

    def test_sdxl_equals_the_stock_encoding(self, sdxl: StableDiffusionXLPipeline) -> None:
        ours = ClipText.of(sdxl.components).encode([PROMPT, ""])
        for index, prompt in enumerate((PROMPT, "")):
            sequence, _, pooled, _ = sdxl.encode_prompt(
                prompt, device=torch.device("cpu"), do_classifier_free_guidance=False
            )
            assert ours.pooled is not None
            assert (ours.sequence[index] - sequence[0]).abs().max() <= 1e-6
            assert (ours.pooled[index] - pooled[0]).abs().max() <= 1e-6
        assert ours.sequence.shape == (2, 77, 2 * models.WIDTH)

    def test_the_states_before_the_last_layer_can_be_asked_for(self, sd: StableDiffusionPipeline) -> None:
        last, before = (
            ClipText.of(sd.components, penultimate=flag).encode([PROMPT]).sequence for flag in (False, True)
        )
        ids = sd.tokenizer([PROMPT], padding="max_length", return_tensors="pt").input_ids
        states = sd.text_encoder(ids, output_hidden_states=True).hidden_states
        assert torch.equal(before, states[-2])
        assert (last - before).abs().max() > 1e-2

    def test_results_are_picked_and_joined(self) -> None:
        embeds = TextEmbeds(gaussian((3, 7, 4), 1), gaussian((3, 5), 2))
        joined = TextEmbeds.join([embeds.take([2]), embeds.take([0, 0])])
        assert torch.equal(joined.sequence, embeds.sequence[[2, 0, 0]])
        assert joined.pooled is not None
        assert embeds.pooled is not None
        assert torch.equal(joined.pooled, embeds.pooled[[2, 0, 0]])
        assert len(joined) == 3

    def test_an_engine_without_text_is_refused(self) -> None:
        with pytest.raises(StudioError, match="no text encoder"):
            ClipText.of({"unet": object()})
