"""Closed word lists for the phrase finder: the English of captions and prompts."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


DETERMINERS = _words("""
    a an the this that these those some any each every another both either neither no all several many few
    my your his her its our their
    one two three four five six seven eight nine ten eleven twelve
""")

COLOURS = _words("""
    red orange yellow green blue purple violet pink brown black white gray grey gold golden silver
    beige tan turquoise
""")

BOUNDARIES = _words("""
    in on at by with without of from to into onto upon over under above below behind beside besides between among near
    next inside outside within across along around against through throughout toward towards after before during until
    since about beyond beneath underneath off out up down past amid atop like as than via for per except

    and or but nor so yet while when where because if though although whereas then

    is are was were be been being am has have had having do does did can could will would shall should may might must

    who whom whose which what that's there here it he she they we you i him them us me itself himself herself themselves

    not very too also just only still even quite almost together apart away
""")

VERBS = _words("""
    sit sits sat seated stand stands stood lie lies lay lays laid hang hangs hung hold holds held wear wears wore
    worn carry carries carried ride rides rode ridden walk walks walked run runs ran jump jumps jumped fly flies
    flew flown play plays played eat eats ate eaten drink drinks drank look looks looked watch watches watched see
    sees saw seen show shows showed shown make makes made take takes took taken give gives gave given put puts place
    places placed park parks parked fill fills filled cover covers covered surround surrounds surrounded stack
    stacks stacked line lines lined mount mounts mounted attach attaches attached paint paints painted decorate
    decorates decorated dress dresses dressed hit hits throw throws threw thrown catch catches caught kick kicks
    kicked swing swings swung drive drives drove driven pull pulls pulled push pushes pushed lean leans leaned rest
    rests rested sleep sleeps slept pose poses posed smile smiles smiled talk talks talked turn turns turned get
    gets got go goes went gone come comes came reach reaches reached use uses used serve serves served cut cuts top
    topped tops feature features featured contain contains contained include includes included consist consists
    consisted set sets face faces faced cross crosses crossed lead leads led fall falls fell fallen rise rises rose
    risen shine shines shone glow glows glowed float floats floated swim swims swam graze grazes grazed stare stares
    stared grow grows grew grown appear appears appeared
""")

ING_NOUNS = _words("""
    building ceiling painting clothing string ring king wing spring morning evening railing lighting flooring siding
    awning crossing clearing landing parking opening topping frosting icing dressing pudding stuffing dumpling
    sling swing thing something anything everything nothing lightning drawing
""")

RELATIONAL = _words("""
    top bottom left right side sides front back middle center centre edge end background foreground distance rest part
    corner
""")

JOINERS = frozenset({"and", "or", ","})
